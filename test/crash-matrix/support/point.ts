import type { Kill } from './run.ts'

/** `files:fsync:12`, as people and test names write a point. */
export function formatPoint({ thread, name, ordinal }: Kill): string {
  return `${thread}:${name}:${String(ordinal)}`
}

export function parsePoint(text: string): Kill {
  const [, thread, name = '', ordinal] = /^(main|files):(\w+):(\d+)$/.exec(text) ?? []
  if (thread !== 'main' && thread !== 'files') throw new Error(`not a point, such as files:fsync:12: ${text}`)
  return { thread, name, ordinal: Number(ordinal) }
}
