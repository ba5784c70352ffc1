import t from 'tap'
import { readArchiveFailure } from '../../../src/core/postgres/archive-failure.ts'

const LINES = [
  '2026-11-21 03:14:00 UTC [812] LOG:  archive command failed with exit code 2',
  '2026-11-21 03:14:00 UTC [812] DETAIL:  The failed archive command was: cp pg_wal/000000010000000000000001 /nfs/1',
  '2026-11-21 03:15:00 UTC [812] LOG:  archive command failed with exit code 1',
  '2026-11-21 03:15:00 UTC [812] DETAIL:  The failed archive command was: cp pg_wal/000000010000000000000001 /nfs/2',
  '2026-11-21 03:16:00 UTC [900] LOG:  checkpoint starting: time',
]

t.test('the last failure with its command', async (t) => {
  t.strictSame(readArchiveFailure(LINES), {
    why: 'archive command failed with exit code 1',
    command: 'cp pg_wal/000000010000000000000001 /nfs/2',
  })
  t.match(readArchiveFailure(LINES.slice(2, 3)), { why: /exit code 1/, command: '' })
  t.equal(readArchiveFailure(LINES.slice(4)), undefined)
})

t.test('a command that was ended with the server has not failed', async (t) => {
  const ended = (signal: string) => [`2026-11-21 03:15:00 UTC [812] LOG:  archive command was terminated by signal ${signal}`]
  for (const signal of ['3: Quit', '15: Terminated']) t.equal(readArchiveFailure(ended(signal)), undefined, signal)
  t.match(readArchiveFailure(ended('11: Segmentation fault')), { why: /signal 11/ })
})
