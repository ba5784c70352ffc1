import t from 'tap'
import { withoutHarmfulAdvice, withoutHarmfulLines } from '../../../src/core/postgres/harmful-advice.ts'

t.test('hints that would lose data are left out, and everything else stays', async (t) => {
  const says = '2026-11-21 01:44:12 UTC [812] 22023 FATAL:  "/data" is not a valid data directory'
  const lines = [
    says,
    '2026-11-21 01:44:12 UTC [812] 22023 HINT:  You might need to initdb.',
    '2026-11-21 01:44:12 UTC [812] HINT:  This probably means that some data is corrupted and you will have to use the last backup for recovery.',
    '2026-11-21 01:44:12 UTC [812] HINT:  If you are restoring from a backup, touch "/data/recovery.signal" and add required recovery options.',
    '\tIf you are not restoring from a backup, try removing the file "/data/backup_label".',
    '\tBe careful: removing "/data/backup_label" will result in a corrupt cluster if restoring from a backup.',
    'HINT:  Valid units for this parameter are "B", "kB", "MB", "GB", and "TB".',
  ]
  t.strictSame(withoutHarmfulLines(lines), [says, lines.at(-1)])
})

t.test('also within a sentence', async (t) => {
  t.equal(
    withoutHarmfulAdvice('FATAL:  no valid data directory; HINT:  You might need to initdb.; and more'),
    'FATAL:  no valid data directory; and more',
  )
  const plain = 'invalid value for parameter "shared_buffers": "1QB"; HINT:  Valid units for this parameter are "B".'
  t.equal(withoutHarmfulAdvice(plain), plain)
})
