import { createSessionSurvey } from '../../src/probes/sessions/survey.ts'
import { createSpaceSurvey } from '../../src/probes/space/survey.ts'
import type { Outside } from '../../src/ports/outside.ts'
import type { Postgres } from '../../src/ports/postgres.ts'
import type { StepGround } from '../../src/recovery/run-pipeline.ts'
import { createFakeClock } from '../fakes/clock.ts'
import { createFakeCommands } from '../fakes/commands.ts'
import { createFakeFiles } from '../fakes/files.ts'
import { createFakeLog } from '../fakes/log.ts'
import { createFakeProcesses } from '../fakes/processes.ts'
import { createFakeRandom } from '../fakes/random.ts'
import { createFakeServiceManager } from '../fakes/service-manager.ts'
import { CRASHED } from './crashed.ts'
import { SETTINGS } from './settings.ts'

export const DATA = '/data'
export const INCIDENT = '/state/incident'

/** No server answers; a test replaces `open` where one does. */
const SILENT: Postgres = {
  has: () => false,
  open: async () => ({ ok: false, failure: { kind: 'no-socket', stage: 'connect', message: 'no socket' }, tookMs: 0 }),
}

/** A crashed cluster in memory; every fake is at hand. */
export function makeFakeGround() {
  const [files, processes, service, clock, commands] = [
    createFakeFiles(),
    createFakeProcesses(),
    createFakeServiceManager(),
    createFakeClock(),
    createFakeCommands(),
  ]
  files.putDirectory(DATA)
  files.putDirectory(INCIDENT)
  const told: string[] = []
  const outside: Outside = {
    clock,
    random: createFakeRandom(),
    files,
    processes,
    commands,
    log: createFakeLog(),
    postgres: SILENT,
    service,
  }
  const cluster = {
    name: '15-main',
    majorVersion: 15,
    dataDirectory: DATA,
    binaryDirectory: '/usr/lib/postgresql/15/bin',
    socketDirectory: '/run/postgresql',
    port: 5432,
    configFile: '',
    logFile: '/var/log/postgresql/server.log',
    serviceManager: 'systemd',
    unit: 'postgresql@15-main.service',
  } as const
  const ground: StepGround = {
    cluster,
    assessment: CRASHED,
    damages: [],
    settings: SETTINGS,
    outside,
    sessions: createSessionSurvey({ cluster, outside, login: undefined, held: () => undefined, settings: () => SETTINGS }),
    space: createSpaceSurvey(cluster, outside, () => SETTINGS.disk),
    incidentDirectory: INCIDENT,
    incidentId: 'incident',
    stateDirectory: '/state',
    report: (sentence) => void told.push(sentence),
    hurried: () => false,
  }
  return { ground, files, processes, service, clock, commands, told }
}
