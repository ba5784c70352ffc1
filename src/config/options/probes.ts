import type { OptionTable } from './option.ts'

/** `probes`: deadlines and limits of the six probes. */
export const PROBE_OPTIONS = {
  'probes.timeout.service': {
    type: 'duration',
    default: '2s',
    minimum: '100ms',
    maximum: '5m',
    sentence: 'Deadline of the question to the service manager.',
  },
  'probes.timeout.connection': {
    type: 'duration',
    default: '5s',
    minimum: '100ms',
    maximum: '5m',
    sentence: 'Deadline of a fresh session of the superuser.',
  },
  'probes.timeout.authentication': {
    type: 'duration',
    default: '5s',
    minimum: '100ms',
    maximum: '5m',
    sentence: "Deadline of the application user's login.",
  },
  'probes.timeout.latency': {
    type: 'duration',
    default: '6s',
    minimum: '100ms',
    maximum: '5m',
    sentence: "Deadline of the application user's query; longer than latency_limit, so that slow and dead are told apart.",
  },
  'probes.timeout.write': {
    type: 'duration',
    default: '10s',
    minimum: '100ms',
    maximum: '5m',
    sentence: "Deadline of the application user's durable write.",
  },
  'probes.timeout.disk': {
    type: 'duration',
    default: '5s',
    minimum: '100ms',
    maximum: '5m',
    sentence: 'Deadline of the look at the file systems; a dead network mount answers late or never.',
  },
  'probes.latency_limit': {
    type: 'duration',
    default: '5s',
    minimum: '10ms',
    maximum: '4m',
    sentence: 'An answer that takes longer is reported as slow. A slow server is never restarted.',
  },
  'probes.write_interval': {
    type: 'duration',
    default: '60s',
    minimum: '1s',
    maximum: '1d',
    sentence: 'Time between two test writes while all is well, so that an idle server stays idle.',
  },
  'probes.disk.warn': {
    type: 'percentage',
    default: '80%',
    minimum: '1%',
    maximum: '99%',
    sentence: 'Use of a file system (bytes or inodes) that is worth a warning.',
  },
  'probes.disk.fail': {
    type: 'percentage',
    default: '90%',
    minimum: '2%',
    maximum: '100%',
    sentence: 'Use of a file system that counts as a failure.',
  },
  'probes.disk.horizon': {
    type: 'duration',
    default: '24h',
    minimum: '0s',
    maximum: '30d',
    sentence: 'A file system that will be full within this time, if it fills on as it did, is worth a warning at any use; 0 turns it off.',
  },
} as const satisfies OptionTable
