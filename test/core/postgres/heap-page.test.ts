import t from 'tap'
import { findOddity } from '../../../src/core/postgres/heap-page.ts'
import { readPageLsn } from '../../../src/core/postgres/page-lsn.ts'

/** A page with three tuples, a dead line pointer, a redirection and an unused one. */
function makePage(): { page: Uint8Array; view: DataView } {
  const page = new Uint8Array(8192)
  const view = new DataView(page.buffer)
  const pointers = [pointer(8152, 1, 40), pointer(8112, 1, 40), pointer(0, 3, 0), pointer(2, 2, 0), pointer(0, 0, 0), pointer(8072, 1, 36)]
  pointers.forEach((word, index) => view.setUint32(24 + 4 * index, word, true))
  view.setUint16(12, 24 + 4 * pointers.length, true)
  view.setUint16(14, 8072, true)
  view.setUint16(16, 8192, true)
  for (const offset of [8152, 8112, 8072]) {
    view.setUint16(offset + 18, 3, true)
    view.setUint8(offset + 22, 24)
  }
  return { page, view }
}

function pointer(offset: number, flags: number, length: number): number {
  return (offset | (flags << 15) | (length << 17)) >>> 0
}

t.test('a page in which everything fits together is not odd', async (t) => {
  const { page, view } = makePage()
  t.equal(findOddity(page), undefined)
  view.setUint16(8152 + 20, 1, true)
  t.equal(findOddity(page), undefined, 'three columns of which one is NULL need no longer header')
  view.setUint16(8152 + 18, 20, true)
  t.match(findOddity(page), /8152/, 'twenty need one')
})

t.test('what does not fit together is told', async (t) => {
  const hurts: readonly [RegExp, (view: DataView) => void][] = [
    [/not a page of a table/, (view) => view.setUint16(16, 8176, true)],
    [/in the middle of one/, (view) => view.setUint16(12, 50, true)],
    [/line pointer 1 leads nowhere/, (view) => view.setUint32(24, pointer(8150, 1, 40), true)],
    [/line pointer 2 leads nowhere/, (view) => view.setUint32(28, pointer(8112, 1, 8000), true)],
    [/line pointer 2 leads nowhere/, (view) => view.setUint32(28, pointer(4000, 1, 40), true)],
    [/line pointer 4 leads nowhere/, (view) => view.setUint32(36, pointer(90, 2, 0), true)],
    [/line pointer 5 leads nowhere/, (view) => view.setUint32(40, pointer(0, 0, 9), true)],
    [/overlap/, (view) => view.setUint32(28, pointer(8120, 1, 40), true)],
    [/the tuple at 8072/, (view) => view.setUint8(8072 + 22, 200)],
    [/the tuple at 8112/, (view) => view.setUint16(8112 + 18, 0x7ff, true)],
  ]
  for (const [expected, hurt] of hurts) {
    const { page, view } = makePage()
    hurt(view)
    t.match(findOddity(page), expected)
  }
})

t.test('the position in the WAL that a page carries', async (t) => {
  const { page, view } = makePage()
  view.setUint32(0, 0x12, true)
  view.setUint32(4, 0x3456789a, true)
  t.equal(readPageLsn(page), 0x12_3456789an)
})
