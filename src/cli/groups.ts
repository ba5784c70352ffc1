import { COMMANDS } from './index.ts'

const NAMES = COMMANDS.map((entry) => entry.name)

/** First words of the commands that have two: `backup`. */
export const GROUPS: readonly string[] = [...new Set(NAMES.filter((name) => name.includes(' ')).map(firstWordOf))]

/** What may follow `pgwatchd`: commands and groups, in the order of the registry. */
export const FIRST_WORDS: readonly string[] = [...new Set(NAMES.map(firstWordOf))]

export function isGroup(word: string): boolean {
  return GROUPS.includes(word)
}

/** The second words of a group. */
export function membersOf(group: string): readonly string[] {
  return NAMES.filter((name) => name.startsWith(`${group} `)).map((name) => name.slice(group.length + 1))
}

function firstWordOf(name: string): string {
  return name.split(' ')[0] ?? name
}
