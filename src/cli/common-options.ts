import type { Command, Option, Positional } from './command.ts'

/** Where the configuration is looked for unless `--config` says otherwise. */
export const DEFAULT_CONFIG_FILE = '/etc/pgwatch.yaml'

/** What every command understands. */
export const COMMON_OPTIONS = {
  config: {
    type: 'string',
    short: 'c',
    value: 'FILE',
    description: `read this file instead of ${DEFAULT_CONFIG_FILE}`,
    completion: 'file',
  },
  json: { type: 'boolean', description: 'print JSON for programs instead of text for people' },
  help: { type: 'boolean', short: 'h', description: 'explain this command and exit' },
} as const satisfies Readonly<Record<string, Option>>

/** For commands that look at or act on one cluster. */
export const CLUSTER_OPTION = {
  type: 'string',
  value: 'NAME',
  description: 'the cluster meant; may be left out when there is only one',
} as const satisfies Option

/** For commands that mean one backup. */
export const BACKUP_ID = {
  name: 'ID',
  required: false,
  description: 'its id, the beginning of one, or "last", the newest, which is also the default',
} as const satisfies Positional

/** A command's own options followed by the common ones. */
export function allOptionsOf(command: Pick<Command, 'options'>): Readonly<Record<string, Option>> {
  return { ...command.options, ...COMMON_OPTIONS }
}
