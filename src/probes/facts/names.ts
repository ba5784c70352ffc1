import type { ProcessStatus } from '../../ports/processes.ts'

const INTERPRETER = /^(?:python[0-9.]*|perl[0-9.]*|sh|bash|dash)$/

/**
 * The name of the program that a process runs, of a script that of the script. The command line is everybody's to read;
 * the executable of another user's process is not. A login shell's begins with a dash.
 */
export function programOf(process: ProcessStatus): string {
  const [first = '', ...rest] = process.commandLine.split(' ')
  const name = baseName(first.replace(/^-/, '') || (process.executable ?? ''))
  const script = INTERPRETER.test(name) ? rest.find((word) => !word.startsWith('-')) : undefined
  return script === undefined ? name : baseName(script)
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
