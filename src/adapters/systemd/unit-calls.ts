import type { BusCall, BusConnection } from './connection.ts'
import type { UnitProperties } from './unit-properties.ts'

const SYSTEMD = 'org.freedesktop.systemd1'
const MANAGER = 'org.freedesktop.systemd1.Manager'
const PROPERTIES = 'org.freedesktop.DBus.Properties'

/** Asks systemd to send signals at all; without it, it sends none. */
export async function subscribe(connection: BusConnection, timeoutMs: number): Promise<void> {
  await connection.call(managerCall('Subscribe'), timeoutMs)
}

/** The unit's object path; loads the unit when it is not loaded. */
export async function loadUnit(connection: BusConnection, unit: string, timeoutMs: number): Promise<string> {
  const [path] = await connection.call({ ...managerCall('LoadUnit'), signature: 's', body: [unit] }, timeoutMs)
  return String(path)
}

/** Lets the bus deliver the property changes of one unit, and of no other. */
export async function matchChanges(connection: BusConnection, path: string, timeoutMs: number): Promise<void> {
  const rule = `type='signal',sender='${SYSTEMD}',interface='${PROPERTIES}',member='PropertiesChanged',path='${path}'`
  await connection.call(
    {
      destination: 'org.freedesktop.DBus',
      path: '/org/freedesktop/DBus',
      interface: 'org.freedesktop.DBus',
      member: 'AddMatch',
      signature: 's',
      body: [rule],
    },
    timeoutMs,
  )
}

/** Five small questions in one round trip: `GetAll` would answer with some 300 properties. */
export async function readUnit(connection: BusConnection, path: string, timeoutMs: number): Promise<UnitProperties> {
  const get = (kind: string, name: string) => property(connection, path, `${SYSTEMD}.${kind}`, name, timeoutMs)
  const [activeState, job, result, mainPid, restart] = await Promise.all([
    get('Unit', 'ActiveState'),
    get('Unit', 'Job'),
    get('Service', 'Result'),
    get('Service', 'MainPID'),
    get('Service', 'Restart'),
  ])
  return {
    activeState: String(activeState),
    result: String(result),
    mainPid: Number(mainPid),
    job: await jobType(connection, job, timeoutMs),
    restart: String(restart),
  }
}

/** `job` is systemd's `(uo)`: id and object path; id 0 is none. A job that is over by now has no type either. */
async function jobType(connection: BusConnection, job: unknown, timeoutMs: number): Promise<string> {
  const [id, path] = Array.isArray(job) ? (job as readonly unknown[]) : []
  if (typeof id !== 'number' || id === 0) return ''
  return property(connection, String(path), `${SYSTEMD}.Job`, 'JobType', timeoutMs).then(String, () => '')
}

async function property(connection: BusConnection, path: string, kind: string, name: string, timeoutMs: number): Promise<unknown> {
  const call: BusCall = { destination: SYSTEMD, path, interface: PROPERTIES, member: 'Get', signature: 'ss', body: [kind, name] }
  const [variant] = await connection.call(call, timeoutMs)
  return variantValue(variant)
}

/** A variant comes as its parsed signature and a list of one value. */
function variantValue(variant: unknown): unknown {
  const [, values] = variant as [unknown, readonly unknown[]]
  return values[0]
}

function managerCall(member: string): BusCall {
  return { destination: SYSTEMD, path: '/org/freedesktop/systemd1', interface: MANAGER, member }
}
