/**
 * What a server process calls itself, without the words that all titles of a cluster share: "checkpointer",
 * "app shop [local] idle in transaction". A title names user, database, address and kind of statement, never its text.
 */
export function titleOf(commandLine: string): string {
  const title = /^postgres: (?:\S+: )?(.*?)\s*$/.exec(commandLine)?.[1]
  return title === undefined || title === '' ? 'a process that has no title yet' : title
}

const HELPERS = [
  'checkpointer',
  'background writer',
  'walwriter',
  'archiver',
  'startup',
  'walreceiver',
  'logger',
  'autovacuum launcher',
  'logical replication launcher',
  'stats collector',
]

/** Whether a process serves the whole server: nobody stops such a one to look at a query. */
export function isHelper(title: string): boolean {
  return HELPERS.some((helper) => title === helper || title.startsWith(`${helper} `))
}
