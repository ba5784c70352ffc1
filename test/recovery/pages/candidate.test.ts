import t from 'tap'
import { checksumPage } from '../../../src/core/postgres/page-checksum.ts'
import { whyNotSame } from '../../../src/recovery/pages/candidate.ts'

const BLOCK = 7

/** A page with a right checksum for block 7. */
function makePage(lsn: number): Uint8Array {
  const page = new Uint8Array(8192)
  const view = new DataView(page.buffer)
  view.setUint32(4, lsn, true)
  view.setUint16(12, 24, true)
  view.setUint16(14, 8192, true)
  view.setUint16(16, 8192, true)
  view.setUint16(18, 8196, true)
  view.setUint16(8, checksumPage(page, BLOCK), true)
  return page
}

const damaged = (lsn: number, verdict: 'bad-checksum' | 'bad-header' = 'bad-checksum') => ({ block: BLOCK, verdict, bytes: makePage(lsn) })

t.test('another copy counts only where it is whole, no newer than the WAL, and of the same record', async (t) => {
  t.equal(whyNotSame(damaged(500), makePage(500), 1000n), undefined)
  t.match(whyNotSame(damaged(500), makePage(400), 1000n), /of 0\/190, and the damaged one says that it is of 0\/1F4/)
  t.match(whyNotSame(damaged(500), makePage(600), 1000n), /and the damaged one says/)
  t.match(whyNotSame(damaged(500), makePage(1001), 1000n), /newer than this server/)
  const torn = makePage(500)
  torn[5000] = 1
  t.match(whyNotSame(damaged(500), torn, 1000n), /not whole/)
  t.match(whyNotSame({ ...damaged(500), block: BLOCK + 1 }, makePage(500), 1000n), /not whole/, 'the page of another block')
  t.match(whyNotSame(damaged(500), new Uint8Array(8192), 1000n), /not whole/, 'an empty page')
})

t.test('what the damaged page says of itself counts only where it can be true', async (t) => {
  t.equal(whyNotSame(damaged(500, 'bad-header'), makePage(400), 1000n), undefined)
  t.equal(whyNotSame(damaged(0), makePage(400), 1000n), undefined)
  t.equal(whyNotSame(damaged(5000), makePage(400), 1000n), undefined, 'no page is newer than the WAL')
})
