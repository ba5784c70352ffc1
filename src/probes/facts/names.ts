import type { ProcessStatus } from '../../ports/processes.ts'

const INTERPRETER = /^(?:python[0-9.]*|perl[0-9.]*|sh|bash|dash)$/

/**
 * The name of the program that a process runs, of a script that of the script. The command line is everybody's to read;
 * the executable of another user's process is not.
 */
export function programOf(process: ProcessStatus): string {
  const [first = '', second = ''] = process.commandLine.split(' ').filter((word) => !word.startsWith('-'))
  const name = baseName(first || (process.executable ?? ''))
  return INTERPRETER.test(name) && second !== '' ? baseName(second) : name
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
