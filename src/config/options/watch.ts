import type { OptionTable } from './option.ts'

/** `watch`: how often to look, and when a failure is believed. */
export const WATCH_OPTIONS = {
  'watch.interval': {
    type: 'duration',
    default: '10s',
    minimum: '1s',
    maximum: '10m',
    sentence: 'Time between two looks at a cluster while all is well.',
  },
  'watch.confirm_interval': {
    type: 'duration',
    default: '1s',
    minimum: '200ms',
    maximum: '10m',
    sentence: 'Time between two looks while something seems wrong; at most the interval.',
  },
  'watch.failures': {
    type: 'integer',
    default: '3',
    minimum: '1',
    maximum: '100',
    sentence: 'Failed looks in a row before anything is done. What the kernel proves (a dead postmaster) is confirmed at once.',
  },
  'watch.operator_stop.action': {
    type: 'choice',
    default: 'recover',
    choices: ['recover', 'hold'],
    sentence: 'A cluster that somebody stopped cleanly is started again after the grace (recover), or left alone (hold).',
  },
  'watch.operator_stop.grace': {
    type: 'duration',
    default: '3m',
    minimum: '0s',
    maximum: '7d',
    sentence: 'How long a clean stop is left alone. For planned work use "pgwatchd pause" instead.',
  },
} as const satisfies OptionTable
