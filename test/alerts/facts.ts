import type { AlertFacts } from '../../src/alerts/alert-facts.ts'
import type { Alert } from '../../src/core/alert.ts'
import type { Cluster } from '../../src/core/cluster.ts'
import type { Incident } from '../../src/core/incident.ts'

export const NOON = Date.UTC(2026, 10, 21, 12)

export const CLUSTER: Cluster = {
  name: '15-main',
  majorVersion: 15,
  dataDirectory: '/var/lib/postgresql/15/main',
  binaryDirectory: '/usr/lib/postgresql/15/bin',
  socketDirectory: '/var/run/postgresql',
  port: 5432,
  configFile: '/etc/postgresql/15/main/postgresql.conf',
  logFile: '/var/log/postgresql/postgresql-15-main.log',
  serviceManager: 'systemd',
  unit: 'postgresql@15-main.service',
}

export const INCIDENT: Incident = {
  version: 1,
  id: '20261121T115900Z-15-main-crashed-3f2a',
  cluster: '15-main',
  cause: 'crashed',
  openedAtWallMs: NOON - 60_000,
  closedAtWallMs: undefined,
  verdict: 'the postmaster is gone: the kernel knows no such process',
  evidence: ['the control file says "in production"'],
  ruledOut: ['not starting: no startup process'],
  attempts: 1,
  downtimeMs: undefined,
  outcome: '',
  timeline: [
    { wallMs: NOON - 60_000, text: 'the postmaster is gone' },
    { wallMs: NOON - 59_000, text: 'start-postgres done' },
  ],
}

export function factsOf(change: Partial<AlertFacts> & Pick<AlertFacts, 'kind'>): AlertFacts {
  return { host: 'db1', wallMs: NOON, cluster: CLUSTER, incident: INCIDENT, ...change }
}

export function alertOf(change: Partial<Alert> = {}): Alert {
  return {
    kind: 'warning',
    severity: 'WARNING',
    host: 'db1',
    cluster: '15-main',
    incidentId: '',
    repeatKey: 'disk:/var/lib',
    wallMs: NOON,
    headline: 'disk 84 % full',
    verdict: 'the disk is 84 % full',
    evidence: [],
    ruledOut: [],
    done: [],
    notDone: [],
    downtimeMs: undefined,
    timeline: [],
    logTail: [],
    nextCommands: [],
    ...change,
  }
}
