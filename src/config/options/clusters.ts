import type { OptionTable } from './option.ts'

const PASSWORD_OPTIONS = {
  password_file: {
    type: 'path',
    sensitive: true,
    example: '/etc/pgwatchd/application.password',
    sentence: 'A file whose only line is the password; nobody but its owner and group may read it.',
  },
  password_credential: {
    type: 'text',
    format: 'credential name',
    sensitive: true,
    example: 'application-password',
    sentence: 'Or: the name of a systemd credential (LoadCredential=) that holds it.',
  },
  password_environment: {
    type: 'text',
    format: 'environment variable',
    sensitive: true,
    example: 'APPLICATION_PASSWORD',
    sentence: 'Or: the name of an environment variable that holds it.',
  },
} as const satisfies OptionTable

const HOST_OPTION = {
  type: 'text',
  format: 'words',
  default: '',
  example: '127.0.0.1',
  sentence: "Host or socket directory to connect to; empty: the cluster's socket.",
} as const

export const SUPERUSER_OPTIONS = {
  user: { type: 'text', format: 'identifier', default: 'postgres', sentence: "pgwatchd's own user; a superuser." },
  database: { type: 'text', format: 'identifier', default: 'postgres', sentence: 'The database it connects to.' },
  host: HOST_OPTION,
  password_file: { ...PASSWORD_OPTIONS.password_file, example: '/etc/pgwatchd/superuser.password' },
  password_credential: { ...PASSWORD_OPTIONS.password_credential, example: 'superuser-password' },
  password_environment: { ...PASSWORD_OPTIONS.password_environment, example: 'SUPERUSER_PASSWORD' },
} as const satisfies OptionTable

export const APPLICATION_OPTIONS = {
  user: { type: 'text', format: 'identifier', required: 'in every entry', example: 'app', sentence: 'The user whose service is watched.' },
  database: { type: 'text', format: 'identifier', example: 'app', sentence: 'Its database; by default the one with its own name.' },
  host: HOST_OPTION,
  ...PASSWORD_OPTIONS,
} as const satisfies OptionTable

export const STANDBY_OPTIONS = {
  user: {
    type: 'text',
    format: 'identifier',
    default: 'postgres',
    sentence: 'A user there that may run CHECKPOINT and pg_read_binary_file; a superuser can.',
  },
  database: { type: 'text', format: 'identifier', default: 'postgres', sentence: 'The database it connects to.' },
  host: {
    type: 'text',
    format: 'words',
    required: 'in every entry',
    example: 'standby.example.org',
    sentence: 'Where the standby listens: a host, an address or a socket directory.',
  },
  port: { type: 'integer', default: '5432', minimum: '1', maximum: '65535', sentence: 'Its port.' },
  password_file: { ...PASSWORD_OPTIONS.password_file, example: '/etc/pgwatchd/standby.password' },
  password_credential: { ...PASSWORD_OPTIONS.password_credential, example: 'standby-password' },
  password_environment: { ...PASSWORD_OPTIONS.password_environment, example: 'STANDBY_PASSWORD' },
} as const satisfies OptionTable

/** One entry of `clusters`. */
export const CLUSTER_OPTIONS = {
  name: {
    type: 'text',
    format: 'cluster name',
    required: 'in every entry',
    example: '15-main',
    sentence: 'Name of the cluster. With the name that Debian gives it, version-cluster, the rest is found by itself.',
  },
  application: {
    type: 'login',
    options: APPLICATION_OPTIONS,
    sentence: 'The application user, for the probes authentication, latency and write.',
  },
  superuser: {
    type: 'login',
    options: SUPERUSER_OPTIONS,
    sentence: "pgwatchd's own session.",
  },
  standby: {
    type: 'login',
    options: STANDBY_OPTIONS,
    sentence: 'A physical standby of this cluster, of which whole pages are copied in the place of damaged ones. Nothing is changed there.',
  },
  wal_archive: {
    type: 'path',
    example: '/var/lib/pg-archive/15-main',
    sentence: 'A directory of archived WAL files under their own names; damaged pages are replayed also from what pg_wal no longer holds.',
  },
  data_directory: { type: 'path', example: '/var/lib/postgresql/15/main', sentence: 'The data directory.' },
  binary_directory: { type: 'path', example: '/usr/lib/postgresql/15/bin', sentence: 'Where postgres, pg_ctl and pg_checksums are.' },
  socket_directory: { type: 'path', example: '/var/run/postgresql', sentence: 'Directory of the Unix-domain socket.' },
  port: { type: 'integer', minimum: '1', maximum: '65535', example: '5432', sentence: 'The port, which also names the socket.' },
  config_file: {
    type: 'path',
    example: '/etc/postgresql/15/main/postgresql.conf',
    sentence: 'postgresql.conf, when it is not in the data directory.',
  },
  log_file: {
    type: 'path',
    example: '/var/log/postgresql/postgresql-15-main.log',
    sentence: "The server's log.",
  },
  service_manager: {
    type: 'choice',
    default: 'systemd',
    choices: ['systemd', 'pg_ctl'],
    sentence: 'Who starts and stops the server.',
  },
  unit: {
    type: 'text',
    format: 'service unit',
    example: 'postgresql@15-main.service',
    sentence: "The cluster's own unit. Never Debian's umbrella postgresql.service, which stays active when the cluster is dead.",
  },
} as const satisfies OptionTable

/** `clusters`: what is watched. */
export const CLUSTERS_OPTION = {
  clusters: {
    type: 'cluster list',
    options: CLUSTER_OPTIONS,
    sentence: 'The clusters to watch. Without this key: all below /etc/postgresql, but those disabled in start.conf.',
  },
} as const satisfies OptionTable
