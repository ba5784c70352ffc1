import { execFileSync } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import t from 'tap'
import { ballastPath } from '../../src/core/disk/safe-list.ts'
import { judgePage, PAGE_BYTES } from '../../src/core/postgres/page-checksum.ts'
import type { TestCluster } from '../support/cluster.ts'
import { makeCluster } from '../support/cluster.ts'
import { CRASHED } from '../recovery/crashed.ts'
import { makeGround } from '../recovery/real-ground.ts'

t.setTimeout(300_000)

interface Teardown {
  teardown(handler: () => unknown): unknown
}

const MEGABYTE = 1024 * 1024

/** A small volume of its own, unmounted at the end. */
function mountSmall(t: Teardown, sizeMegabytes: number): string {
  const path = mkdtempSync('/tmp/pgwatchd-volume-')
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeMegabytes}M`, 'tmpfs', path])
  const owner = Number(execFileSync('id', ['-u', 'postgres'], { encoding: 'utf8' }))
  chownSync(path, owner, owner)
  t.teardown(() => {
    execFileSync('umount', ['-l', path])
    rmSync(path, { recursive: true, force: true })
  })
  return path
}

function fill(volume: string): void {
  const { bavail, bsize } = statfsSync(volume)
  if (statfsSync(volume).type === statfsSync('/').type) throw new Error(`${volume} is not a volume of its own`)
  writeFileSync(`${volume}/filler`, Buffer.alloc(bavail * bsize))
}

async function makeFullCluster(t: Teardown, ballastMegabytes: number): Promise<{ test: TestCluster; volume: string }> {
  const volume = mountSmall(t, 200)
  const test = await makeCluster(t, { parent: volume })
  if (ballastMegabytes > 0) writeFileSync(ballastPath(test.cluster), Buffer.alloc(ballastMegabytes * MEGABYTE))
  await test.kill()
  fill(volume)
  return { test, volume }
}

const FULL = { assessment: { ...CRASHED, cause: 'disk-full' as const } }
const skip = process.getuid?.() === 0 ? false : 'needs root to mount a small volume'

t.test('on a full volume the ballast is given back, and the server serves', { skip }, async (t) => {
  const { test } = await makeFullCluster(t, 48)
  const { recover, told } = await makeGround(test)
  t.match(await recover({ ground: FULL }), { status: 'succeeded', done: [/./, /removed the ballast/, /./, /./] }, told.join('\n'))
  t.notOk(existsSync(ballastPath(test.cluster)))
  t.equal(await test.psql('select 1'), '1')
})

t.test('on a full volume without ballast nothing is started, and a person is told what holds the space', { skip }, async (t) => {
  const { test, volume } = await makeFullCluster(t, 0)
  const { recover } = await makeGround(test)
  const outcome = await recover({ ground: FULL })
  t.match(outcome, { status: 'held', step: 'free-disk-space', why: /has 0 MB free and needs 40 MB.*pg_wal holds/ })
  rmSync(`${volume}/filler`)
  t.match(await recover({ ground: FULL }), { status: 'succeeded' })
})

t.test('pages are judged as the server wrote them', async (t) => {
  const test = await makeCluster(t, { start: false })
  const base = `${test.cluster.dataDirectory}/base`
  let pages = 0
  for (const file of await readdir(base, { recursive: true })) {
    if (!/^\d+\/\d+(_fsm|_vm)?$/.test(file)) continue
    const bytes = await readFile(`${base}/${file}`)
    for (let block = 0; (block + 1) * PAGE_BYTES <= bytes.length; block += 1, pages += 1) {
      const page = bytes.subarray(block * PAGE_BYTES, (block + 1) * PAGE_BYTES)
      const verdict = judgePage(page, block, true)
      if (verdict !== 'good' && verdict !== 'new') t.fail(`${file} block ${block} is ${verdict}`)
      if (verdict === 'good' && pages % 50 === 0) t.equal(judgePage(page, block + 1, true), 'bad-checksum')
    }
  }
  t.ok(pages > 1_000, `${pages} pages`)
})
