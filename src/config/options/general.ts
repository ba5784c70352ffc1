import type { OptionTable } from './option.ts'

/** `log`, `incidents` and the directories. */
export const GENERAL_OPTIONS = {
  'log.format': {
    type: 'choice',
    default: 'auto',
    choices: ['auto', 'json', 'journal', 'pretty'],
    sentence: 'How log lines look: for the journal, for machines (json), for a terminal (pretty), or by where they go (auto).',
  },
  'log.level': {
    type: 'choice',
    default: 'info',
    choices: ['debug', 'info', 'notice', 'warning', 'err', 'crit'],
    sentence: 'The least severity that is logged.',
  },
  'log.heartbeat': {
    type: 'duration',
    default: '1h',
    minimum: '0s',
    maximum: '7d',
    sentence: 'While nothing changes, one line says so this often; 0 turns it off.',
  },
  'incidents.keep': {
    type: 'duration',
    default: '90d',
    minimum: '1d',
    maximum: '3650d',
    sentence: 'How long the folder of a closed incident is kept.',
  },
  'incidents.keep_count': {
    type: 'integer',
    default: '200',
    minimum: '10',
    maximum: '10000',
    sentence: 'How many folders of closed incidents are kept at most.',
  },
  state_directory: {
    type: 'path',
    default: '/var/lib/pgwatchd',
    sentence: 'Where counters, incidents and waiting mails are kept; best on a file system without a cluster on it.',
  },
  runtime_directory: {
    type: 'path',
    default: '/run/pgwatchd',
    sentence: 'Where the control socket is; emptied by a reboot.',
  },
} as const satisfies OptionTable
