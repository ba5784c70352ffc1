import type { OptionTable } from './option.ts'

/** `recovery.sessions` and `recovery.blockers`: which sessions may be ended, and when. */
export const SESSION_OPTIONS = {
  'recovery.sessions.policy': {
    type: 'choice',
    default: 'observe',
    choices: ['off', 'observe', 'act'],
    sentence: 'When logins are refused because every connection is taken: tell which sessions to end (observe), end them (act), or do not look (off).',
  },
  'recovery.sessions.headroom': {
    type: 'integer',
    default: '3',
    minimum: '1',
    maximum: '50',
    sentence: 'Free connections that ending sessions is to give back, no more; at most half of a small limit.',
  },
  'recovery.sessions.idle_in_transaction': {
    type: 'duration',
    default: '1m',
    minimum: '1s',
    maximum: '7d',
    sentence: 'Sessions idle in transaction for longer are ended first.',
  },
  'recovery.sessions.idle': {
    type: 'duration',
    default: '1s',
    minimum: '0s',
    maximum: '7d',
    sentence: 'Sessions idle for longer are ended next, the longest idle first.',
  },
  'recovery.sessions.active': {
    type: 'duration',
    default: '0s',
    minimum: '0s',
    maximum: '7d',
    sentence: 'Sessions whose statement runs for longer may be ended last; 0 never ends one that is at work.',
  },
  'recovery.sessions.superusers': {
    type: 'boolean',
    default: 'false',
    sentence: 'May sessions of superusers be ended like those of others, also for a lock? Those of backups and dumps never are.',
  },
  'recovery.sessions.spare_users': {
    type: 'list',
    format: 'identifier',
    example: 'reporting',
    sentence: 'Users whose sessions are never ended: one, or a list.',
  },
  'recovery.blockers.policy': {
    type: 'choice',
    default: 'observe',
    choices: ['off', 'observe', 'act'],
    sentence: 'When sessions wait for a lock: tell who blocks whom (observe), cancel and then end the one that blocks (act), or do not look (off).',
  },
  'recovery.blockers.limit': {
    type: 'duration',
    default: '5m',
    minimum: '1s',
    maximum: '7d',
    sentence: 'A session that keeps others waiting for a lock for longer is told, or ended. What recovery.sessions spares is spared here too.',
  },
} as const satisfies OptionTable
