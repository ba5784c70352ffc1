import t from 'tap'
import { parseControlFile } from '../../../src/core/postgres/control-file.ts'
import { crc32c } from '../../../src/core/postgres/crc32c.ts'
import { formatLsn, parseLsn } from '../../../src/core/postgres/lsn.ts'
import { parsePostmasterPid } from '../../../src/core/postgres/postmaster-pid.ts'
import { findLeader, isSingleUser } from '../../../src/core/postgres/leader.ts'
import { judgePidFile } from '../../../src/core/postgres/staleness.ts'
import type { PidFileEvidence } from '../../../src/core/postgres/staleness.ts'
import { isWalFileName, parseWalFileName, walFileName } from '../../../src/core/postgres/wal-file.ts'
import { makeControlFile } from './make-control-file.ts'

t.test('positions in the WAL', async (t) => {
  t.equal(formatLsn(0x17414f8n), '0/17414F8')
  t.equal(formatLsn(0x1_0000_0028n), '1/28')
  t.equal(parseLsn('A/FF'), 0xa_0000_00ffn)
  for (const text of ['', '0', '0/', '/1', 'x/1', '0/123456789']) t.equal(parseLsn(text), undefined)
})

t.test('names of WAL files, at several segment sizes', async (t) => {
  const mebibyte = 1 << 20
  t.equal(walFileName(1, 0x17414f8n, 16 * mebibyte), '000000010000000000000001')
  t.equal(walFileName(1, 0x1_0000_0000n, 16 * mebibyte), '000000010000000100000000')
  t.equal(walFileName(3, 0xff00_0000n, 16 * mebibyte), '0000000300000000000000FF')
  t.equal(walFileName(1, 0x4000_0000n, 1024 * mebibyte), '000000010000000000000001')
  t.strictSame(parseWalFileName('000000030000000100000002', 16 * mebibyte), { timeline: 3, startLsn: 0x1_0200_0000n })
  t.equal(parseWalFileName('000000030000000100000100', 16 * mebibyte), undefined, 'no such segment at this size')
  for (const name of ['00000002.history', '000000010000000000000001.partial', 'xlogtemp.17347']) t.notOk(isWalFileName(name))
  for (let segment = 0n; segment < 1000n; segment += 37n) {
    const lsn = segment * BigInt(16 * mebibyte)
    t.equal(parseWalFileName(walFileName(7, lsn + 5n, 16 * mebibyte), 16 * mebibyte)?.startLsn, lsn)
  }
})

t.test('CRC-32C has the value that everybody computes', async (t) => {
  t.equal(crc32c(Buffer.from('123456789')), 0xe3069283)
  t.equal(crc32c(new Uint8Array()), 0)
})

t.test('the control file', async (t) => {
  t.strictSame(parseControlFile(makeControlFile({ state: 6, checkpoint: 0x17414f8n, redo: 0x17414c0n, minRecoveryTimeline: 2 })), {
    ok: true,
    controlFile: {
      state: 'in production',
      systemIdentifier: '7710445708704317087',
      checksumsEnabled: true,
      redoLsn: '0/17414C0',
      checkpointLsn: '0/17414F8',
      timeline: 1,
      checkpointWallMs: 1_795_635_188_000,
      minRecoveryTimeline: 2,
      walSegmentBytes: 16 << 20,
      catalogVersion: 202209061,
      maxPreparedTransactions: 5,
      tracksCommitTimestamps: true,
    },
  })
  t.match(parseControlFile(makeControlFile({ version: 1800, state: 1 })), { ok: true, controlFile: { state: 'shut down' } })
  t.match(parseControlFile(makeControlFile({ state: 99 })), { ok: true, controlFile: { state: 'unrecognized' } })
})

t.test('a control file that is not whole', async (t) => {
  const flipped = makeControlFile({ state: 6 })
  flipped[50] = (flipped[50] ?? 0) ^ 1
  t.match(parseControlFile(flipped), { ok: false, problem: 'damaged', why: /checksum/ })
  t.match(parseControlFile(new Uint8Array(100)), { ok: false, problem: 'damaged', why: 'it holds 100 bytes' })
  t.match(parseControlFile(new Uint8Array(8192)), { ok: false, problem: 'damaged', why: /zeros/ })
  t.match(parseControlFile(makeControlFile({ version: 0x2f5a11 })), { ok: false, problem: 'damaged' })
  t.match(parseControlFile(makeControlFile({ version: 1201 })), { ok: false, problem: 'unsupported', why: /1201/ })
})

const LINES = '19827\n/srv/pg/a\n1795218747\n5601\n/srv/pg\n\n  2188317        14\nready   \n'

t.test('postmaster.pid', async (t) => {
  t.strictSame(parsePostmasterPid(LINES), {
    kind: 'ok',
    pid: 19827,
    dataDirectory: '/srv/pg/a',
    startedSeconds: 1795218747,
    port: 5601,
    socketDirectory: '/srv/pg',
    listenAddress: '',
    sharedMemoryKey: 2188317,
    sharedMemoryId: 14,
    status: 'ready',
  })
  t.match(parsePostmasterPid('-77\n/srv/pg/a\n'), { kind: 'negative', pid: 77, sharedMemoryKey: 0, status: '' })
  t.strictSame(parsePostmasterPid(undefined), { kind: 'absent' })
  t.strictSame(parsePostmasterPid('\n'), { kind: 'empty' })
  for (const text of ['garbage!!', '0\n', '12x\n', '99999999999\n']) t.strictSame(parsePostmasterPid(text), { kind: 'garbage' }, text)
})

t.test('whose postmaster.pid is', async (t) => {
  const judge = (more: Partial<PidFileEvidence>): string =>
    judgePidFile({ pidFile: parsePostmasterPid(LINES), named: undefined, clusterPids: [], attachments: 0, unreadable: 0, ...more })
  const postgres = '/usr/lib/postgresql/15/bin/postgres'

  t.equal(judge({ clusterPids: [19827, 19830] }), 'live')
  t.equal(judge({ clusterPids: [19827], pidFile: parsePostmasterPid('-19827\n/srv/pg/a\n') }), 'live', 'a single-user backend')
  t.equal(judge({ clusterPids: [19830] }), 'orphans')
  t.equal(judge({ clusterPids: [19830], pidFile: { kind: 'absent' } }), 'orphans', 'also without a file')
  t.equal(judge({ attachments: 1 }), 'orphans')
  t.equal(judge({ named: { executable: undefined, inDataDirectory: undefined } }), 'unknown')
  t.equal(judge({ named: { executable: postgres, inDataDirectory: undefined } }), 'unknown')
  t.equal(
    judge({ named: { executable: undefined, inDataDirectory: undefined, isOfAnotherUser: true } }),
    'stale',
    'PostgreSQL would not run as that user',
  )
  t.equal(judge({ unreadable: 1 }), 'unknown')
  t.equal(judge({ unreadable: 1, pidFile: { kind: 'absent' } }), 'unknown')
  t.equal(judge({}), 'stale', 'a dead pid')
  t.equal(judge({ named: { executable: '/usr/bin/sleep', inDataDirectory: false } }), 'stale', 'an innocent process')
  t.equal(judge({ named: { executable: postgres, inDataDirectory: false } }), 'stale', "another cluster's postmaster")
  for (const kind of ['empty', 'garbage'] as const) t.equal(judge({ pidFile: { kind } }), 'stale', kind)
  t.equal(judge({ pidFile: { kind: 'absent' } }), 'absent')
})

t.test('who leads the processes of a cluster', async (t) => {
  const member = (pid: number, parentPid: number, commandLine: string) => ({ pid, parentPid, commandLine })
  const postmaster = member(10, 1, '/usr/lib/postgresql/15/bin/postgres -D /srv/pg/a')
  const child = member(11, 10, 'postgres: 15/main: checkpointer ')
  const newborn = member(12, 10, postmaster.commandLine)
  t.equal(findLeader([child, newborn, postmaster]), postmaster)
  t.equal(findLeader([child]), undefined, 'orphans')
  t.equal(findLeader([{ ...child, parentPid: 1, commandLine: '' }]), undefined, 'an orphan that is ending has no command line any more')
  t.equal(findLeader([]), undefined)
  const single = member(20, 7, '/usr/lib/postgresql/15/bin/postgres --single -D /srv/pg/a')
  t.equal(findLeader([single]), single)
  t.same([single, postmaster].map(isSingleUser), [true, false])
})
