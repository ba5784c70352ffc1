import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { findHindrances } from '../../src/recovery/hindrances/index.ts'
import { makeGround } from '../recovery/real-ground.ts'
import { makeCluster } from '../support/cluster.ts'
import { mountExt4 } from '../support/small-volume.ts'

t.setTimeout(180_000)

const skip = process.getuid?.() === 0 ? false : 'needs root to mount small volumes'

/** The name of the loop device that is mounted there. */
function deviceOf(volume: string): string {
  const line = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .find((each) => each.includes(` ${volume} `))
  const [, device] = / - ext4 \/dev\/(\S+) /.exec(line ?? '') ?? []
  if (device === undefined) throw new Error(`${volume} is not mounted`)
  return device
}

t.test('a file system that the kernel made read-only: the server is not started until it takes writes again', { skip }, async (t) => {
  const volume = mountExt4(t, 400)
  const device = deviceOf(volume)
  const image = readFileSync(`/sys/block/${device}/loop/backing_file`, 'utf8').trim()
  execFileSync('mount', ['-o', 'remount,errors=remount-ro', volume])
  const test = await makeCluster(t, { parent: volume })
  const real = await makeGround(test)
  await test.psql('create table t as select generate_series(1, 1000) as id')
  await test.psql('checkpoint')
  execFileSync('sync', ['-f', volume])
  writeFileSync(`/sys/fs/ext4/${device}/trigger_fs_error`, 'x')
  await t.rejects(test.psql('insert into t select generate_series(1, 1000)'))
  await test.kill()
  const look = () => findHindrances({ cluster: test.cluster, outside: real.ground.outside, incidentDirectory: undefined })
  const sentence = new RegExp(`file system of .* is read-only \\(/dev/${device}, ext4, mounted at ${volume}\\)`)
  t.match(await look(), [{ cause: 'disk-faulty', sentence }])
  execFileSync('umount', [volume])
  t.match(spawnSync('e2fsck', ['-fy', image]).status, 1, 'errors were found and corrected')
  execFileSync('mount', ['-o', 'loop', image, volume])
  t.same(await look(), [])
  t.match(await real.recover(), { status: 'succeeded' }, real.told.join('\n'))
  t.equal(await test.psql('select count(*) from t'), '1000')
})
