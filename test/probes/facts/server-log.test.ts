import t from 'tap'
import type { Cluster } from '../../../src/core/cluster.ts'
import { currentLogFile, followServerLog } from '../../../src/probes/facts/current-log-file.ts'
import { createServerLog } from '../../../src/probes/facts/server-log.ts'
import { createFakeFiles } from '../../fakes/files.ts'

const PATH = '/var/log/postgresql/postgresql-15-main.log'

t.test('new whole lines since the last poll, from the end on', async (t) => {
  const files = createFakeFiles()
  files.put(PATH, 'old\n')
  const log = createServerLog({ files, path: PATH })
  t.strictSame(await log.poll(), [])
  files.grow(PATH, 'one\ntwo\nhal')
  t.strictSame(await log.poll(), ['one', 'two'])
  t.strictSame(await log.poll(), [])
  files.grow(PATH, 'f\n')
  t.strictSame(await log.poll(), ['half'])
  t.strictSame(await log.tail(2), ['two', 'half'])
})

t.test('polls at one moment do not read the same line twice', async (t) => {
  const files = createFakeFiles()
  files.put(PATH, '')
  const log = createServerLog({ files, path: PATH })
  await log.poll()
  files.grow(PATH, 'once\n')
  t.strictSame((await Promise.all([log.poll(), log.poll()])).flat(), ['once'])
})

t.test('a rotated, a truncated and a late file are read from their beginning', async (t) => {
  const files = createFakeFiles()
  files.put(PATH, 'a long enough beginning\n')
  const log = createServerLog({ files, path: PATH })
  await log.poll()
  files.grow(PATH, 'last words\n')
  await files.move(PATH, `${PATH}.1`)
  t.strictSame(await log.poll(), [])
  files.put(PATH, 'new\n')
  t.strictSame(await log.poll(), ['last words', 'new'])
  await files.overwrite(PATH, 0, Buffer.from('NEW\n'))
  files.grow(PATH, 'more\n')
  t.strictSame(await log.poll(), ['more'])
  const inode = (await files.status(PATH))?.inode ?? 0
  files.put(PATH, 'cut\n', { inode })
  t.strictSame(await log.poll(), ['cut'], 'truncated in place (copytruncate)')
})

t.test('a log that appears after the first poll is read whole', async (t) => {
  const files = createFakeFiles()
  const log = createServerLog({ files, path: PATH })
  t.strictSame(await log.poll(), [])
  files.put(PATH, 'FATAL:  first words\n')
  t.strictSame(await log.poll(), ['FATAL:  first words'])
})

t.test('of a flood the end is read', async (t) => {
  const files = createFakeFiles()
  files.put(PATH, '')
  const log = createServerLog({ files, path: PATH })
  await log.poll()
  files.grow(PATH, `${'x'.repeat(99)}\n`.repeat(20_000))
  const lines = await log.poll()
  t.ok(lines.length > 10_000 && lines.length < 10_500)
  t.ok(
    lines.every((line) => line.length === 99),
    'no line is cut',
  )
  files.grow(PATH, 'after\n')
  t.strictSame(await log.poll(), ['after'])
})

t.test('in a directory the newest file is followed, and the rest of the one before', async (t) => {
  let nowMs = 1000
  const files = createFakeFiles(() => (nowMs += 1000))
  files.put('/log/postgresql-1.log', 'old\n')
  files.put('/log/current_logfiles', 'x\n')
  const log = createServerLog({ files, path: '/log' })
  await log.poll()
  files.grow('/log/postgresql-1.log', 'last words\n')
  files.put('/log/postgresql-2.log', 'first words\n')
  t.strictSame(await log.poll(), ['last words', 'first words'])
  t.strictSame(await log.tail(5), ['first words'])
})

t.test('what cannot be read says nothing', async (t) => {
  const files = createFakeFiles()
  files.put(PATH, 'x\n')
  files.fail({ operation: 'status', code: 'EACCES' })
  files.fail({ operation: 'readTail', code: 'EACCES' })
  const log = createServerLog({ files, path: PATH })
  t.strictSame(await log.poll(), [])
  t.strictSame(await log.tail(5), [])
  t.strictSame(await createServerLog({ files, path: '' }).poll(), [])
})

t.test('a collected log is followed from file to file as the server names them', async (t) => {
  const files = createFakeFiles()
  const cluster = { dataDirectory: '/data', logFile: '/data/log/1.log', collectsLog: true } as Cluster
  files.put('/data/current_logfiles', 'stderr log/1.log\n')
  files.put('/data/log/1.log', 'old\n')
  files.put('/data/log/other.log', 'of nobody\n')
  const log = followServerLog(cluster, files)
  t.equal(log.path, '/data/log', 'the directory is watched')
  await log.poll()
  files.grow('/data/log/1.log', 'last words\n')
  files.put('/data/log/2.log', 'LOG:  starting PostgreSQL\n')
  files.put('/data/current_logfiles', 'csvlog log/2.csv\nstderr log/2.log\n')
  files.grow('/data/log/other.log', 'later\n')
  t.strictSame(await log.poll(), ['last words', 'LOG:  starting PostgreSQL'])
  t.equal(await currentLogFile(cluster, files), '/data/log/2.log')
  files.erase('/data/current_logfiles')
  t.equal(await currentLogFile(cluster, files), '/data/log/1.log', 'the one that is known, when none is named')
})
