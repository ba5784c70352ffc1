import type { ConfigProblem } from './config.ts'

/** `/etc/pgwatch.yaml:3:13: …`, as compilers write it and editors jump to it. */
export function describeProblem({ file, line, column, message }: ConfigProblem): string {
  return `${file}:${line}:${column}: ${message}`
}

/** All of them, a line each, under a first line that counts them. */
export function describeProblems(problems: readonly ConfigProblem[]): string {
  const count = problems.length === 1 ? '1 mistake' : `${problems.length} mistakes`
  return [`${count} in ${problems[0]?.file ?? 'the configuration'}:`, ...problems.map(describeProblem)].join('\n')
}
