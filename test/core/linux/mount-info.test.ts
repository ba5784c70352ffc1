import t from 'tap'
import { findMount, parseMountInfo } from '../../../src/core/linux/mount-info.ts'

const TEXT = `22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw,errors=remount-ro
40 22 8:17 / /srv/pg\\040data rw,noatime shared:5 master:2 - xfs /dev/mapper/vg-pg rw,attr2
41 40 0:50 /sub /srv/pg\\040data/15 ro,relatime - btrfs /dev/sdc rw,space_cache
42 22 8:33 / /mnt rw,relatime shared:9 - ext4 /dev/sdd1 rw
43 42 8:49 / /mnt rw,relatime shared:9 - ext4 /dev/sde1 ro,errors=remount-ro
not a mount
`

t.test('the mount that holds a path, and whether its file system may be written', async (t) => {
  const mounts = parseMountInfo(TEXT)
  t.equal(mounts.length, 5)
  t.strictSame(findMount(mounts, '/var/lib/postgresql'), {
    mountPoint: '/',
    deviceNumber: '8:1',
    type: 'ext4',
    source: '/dev/sda1',
    readOnly: false,
  })
  t.match(findMount(mounts, '/srv/pg data/16'), { type: 'xfs', source: '/dev/mapper/vg-pg' })
  t.match(findMount(mounts, '/srv/pg data/15/main'), { type: 'btrfs', readOnly: false }, 'read-only here is not read-only for the server')
  t.match(findMount(mounts, '/srv/pg dataset'), { mountPoint: '/' })
  t.match(findMount(mounts, '/mnt/x'), { source: '/dev/sde1', readOnly: true }, 'the later one hides the earlier')
  t.equal(findMount([], '/'), undefined)
})
