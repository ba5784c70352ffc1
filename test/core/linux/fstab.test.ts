import t from 'tap'
import { findExpectedMounts } from '../../../src/core/linux/fstab.ts'

const TEXT = `# /etc/fstab: static file system information.
#/dev/sdz1 /srv ext4 defaults 0 2
UUID=0a / ext4 errors=remount-ro 0 1
UUID=0b none swap sw 0 0

/dev/sdb1 /srv/pg/ ext4 defaults 0 2
/dev/sdc1   /srv/pg/15	xfs defaults 0 2
/dev/sdd1 /srv/my\\040data ext4 defaults 0 2
`

t.test('the mounts that a path is below, the outer one first; never the root, a comment or swap', async (t) => {
  const [outer, inner] = [
    { device: '/dev/sdb1', mountPoint: '/srv/pg' },
    { device: '/dev/sdc1', mountPoint: '/srv/pg/15' },
  ]
  t.strictSame(findExpectedMounts(TEXT, '/srv/pg/15/main'), [outer, inner])
  t.strictSame(findExpectedMounts(TEXT, '/srv/pg'), [outer])
  t.strictSame(findExpectedMounts(TEXT, '/srv/pgdata'), [])
  t.strictSame(findExpectedMounts(TEXT, '/srv/my data/15'), [{ device: '/dev/sdd1', mountPoint: '/srv/my data' }])
  t.strictSame(findExpectedMounts('', '/srv'), [])
})
