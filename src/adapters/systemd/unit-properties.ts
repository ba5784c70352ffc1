import type { ServiceStatus } from '../../ports/service-manager.ts'

/** What systemd tells about one service unit, in its own words. */
export interface UnitProperties {
  /** `ActiveState`: `active`, `reloading`, `inactive`, `failed`, `activating`, `deactivating`, `maintenance`. */
  readonly activeState: string
  readonly result: string
  readonly mainPid: number
  /** Type of the unit's job (`start`, `stop`, `restart`); empty when none is queued. */
  readonly job: string
  /** `Restart=`: `no`, `on-failure`, `always`, … */
  readonly restart: string
}

const STATES: Readonly<Record<string, ServiceStatus['state']>> = {
  active: 'active',
  reloading: 'active',
  refreshing: 'active',
  activating: 'activating',
  deactivating: 'deactivating',
  inactive: 'inactive',
  maintenance: 'inactive',
  failed: 'failed',
}

/** The unit's properties as the port tells them; `undefined` properties are state `unknown`. */
export function toServiceStatus(unit: string, properties: UnitProperties | undefined): ServiceStatus {
  return {
    state: STATES[properties?.activeState ?? ''] ?? 'unknown',
    result: properties?.result ?? '',
    mainPid: properties?.mainPid ?? 0,
    job: properties?.job ?? '',
    restartsByItself: !['', 'no'].includes(properties?.restart ?? ''),
    object: unit,
  }
}

/** Reads the `KEY=value` lines of `systemctl show`; `undefined` when they name no state. `job` is the type, if there is a job. */
export function parseShow(text: string, job: string): UnitProperties | undefined {
  const values = new Map(text.split('\n').map((line) => splitOnce(line, '=')))
  const activeState = values.get('ActiveState')
  if (activeState === undefined || activeState === '') return undefined
  return {
    activeState,
    result: values.get('Result') ?? '',
    mainPid: Number(values.get('MainPID') ?? 0),
    job,
    restart: values.get('Restart') ?? '',
  }
}

/** Whether `systemctl show` names a job for the unit. */
export function showsJob(text: string): boolean {
  return /^Job=[1-9]/m.test(text)
}

function splitOnce(line: string, separator: string): [string, string] {
  const at = line.indexOf(separator)
  return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)]
}
