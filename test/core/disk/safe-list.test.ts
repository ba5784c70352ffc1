import t from 'tap'
import { ballastPath, isCoreFile, isEarlierLog, selectFreeable } from '../../../src/core/disk/safe-list.ts'
import type { SafeFile } from '../../../src/core/disk/safe-list.ts'

const DAY_MS = 86_400_000
const OPEN = '/var/log/postgresql/postgresql-15-main.log'

function file(path: string, role: SafeFile['role'], ageDays: number, allocatedBytes = 4096): SafeFile {
  return { path, role, allocatedBytes, modifiedWallMs: -ageDays * DAY_MS, device: 1 }
}

t.test('ballast, old logs, core files, each oldest first', async (t) => {
  const files = [
    file('/data/core.2', 'core-file', 1),
    file('/data/core.1', 'core-file', 2),
    file(`${OPEN}.2.gz`, 'server-log', 20),
    file(`${OPEN}.3.gz`, 'server-log', 30),
    file(`${OPEN}.1`, 'server-log', 1),
    file(OPEN, 'server-log', 99),
    file(`${OPEN}.4.gz`, 'server-log', 40, 0),
    file('/var/.pgwatchd-ballast-15-main', 'ballast', 0),
  ]
  const paths = (openLogPath: string): string[] =>
    selectFreeable({ files, nowWallMs: 0, logAgeMs: 7 * DAY_MS, openLogPath }).map(({ path }) => path)
  t.strictSame(paths(OPEN), ['/var/.pgwatchd-ballast-15-main', `${OPEN}.3.gz`, `${OPEN}.2.gz`, '/data/core.1', '/data/core.2'])
  t.strictSame(paths(''), ['/var/.pgwatchd-ballast-15-main', '/data/core.1', '/data/core.2'], 'no log goes while the open one is unknown')
})

t.test('only earlier logs of this server are its logs', async (t) => {
  const main = 'postgresql-15-main.log'
  for (const name of [`${main}.1`, `${main}.12.gz`]) t.ok(isEarlierLog(name, main), name)
  for (const name of [main, 'postgresql-15-other.log', 'postgresql-16-main.log', `${main}.bak`, 'syslog'])
    t.notOk(isEarlierLog(name, main), name)
  const collected = 'postgresql-2026-11-21_000000.log'
  t.ok(isEarlierLog('postgresql-2026-11-20_000000.log', collected))
  for (const name of [collected, 'postgresql-2026-11-22_000000.log', 'mysql-2026-11-20_000000.log'])
    t.notOk(isEarlierLog(name, collected), name)
  t.notOk(isEarlierLog('x.log.1', ''))
})

t.test('core files and the ballast by their names', async (t) => {
  for (const name of ['core', 'core.4711']) t.ok(isCoreFile(name))
  for (const name of ['core.bak', 'corel', 'base', 'core.d']) t.notOk(isCoreFile(name))
  const cluster = { name: '15-main', dataDirectory: '/var/lib/postgresql/15/main' }
  t.equal(ballastPath(cluster), '/var/lib/postgresql/15/.pgwatchd-ballast-15-main')
  t.equal(ballastPath(cluster, '/srv'), '/srv/.pgwatchd-ballast-15-main')
  t.equal(ballastPath({ name: 'x', dataDirectory: '/data' }), '/.pgwatchd-ballast-x')
})
