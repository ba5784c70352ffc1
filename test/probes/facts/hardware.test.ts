import t from 'tap'
import { findMount, parseMountInfo } from '../../../src/core/linux/mount-info.ts'
import { lookAtHardware } from '../../../src/probes/facts/hardware.ts'
import { createFakeCommands } from '../../fakes/commands.ts'
import { createFakeFiles } from '../../fakes/files.ts'

const DATA = '/srv/pg data/main'
const MOUNTS = [
  '22 1 8:1 / / rw - ext4 /dev/sda1 rw',
  '23 22 8:17 / /srv rw - xfs /dev/sdb1 rw',
  '24 23 253:0 / /srv/pg\\040data rw,noatime shared:1 - ext4 /dev/mapper/data rw',
  '25 23 0:40 / /srv/pg rw - tmpfs tmpfs rw',
].join('\n')

function makeGround() {
  const [files, commands] = [createFakeFiles(), createFakeCommands()]
  files.putDirectory(DATA)
  files.put('/proc/self/mountinfo', MOUNTS)
  files.putDirectory('/sys/devices/virtual/block/dm-0')
  files.putLink('/sys/dev/block/253:0', '/sys/devices/virtual/block/dm-0')
  files.putDirectory('/sys/block/dm-0/slaves/sdc1')
  files.putDirectory('/sys/block/dm-0/slaves/nvme0n1p2')
  const look = () => lookAtHardware({ cluster: { dataDirectory: DATA } as never, files, commands, signal: new AbortController().signal })
  return { commands, look }
}

t.test('the mount that holds a path', async (t) => {
  t.match(findMount(parseMountInfo(MOUNTS), DATA), { source: '/dev/mapper/data', mountPoint: '/srv/pg data', type: 'ext4' })
  t.match(findMount(parseMountInfo(MOUNTS), '/srv/pgother'), { source: '/dev/sdb1' })
  t.match(findMount(parseMountInfo(MOUNTS), '/var/lib'), { source: '/dev/sda1' })
  t.equal(findMount(parseMountInfo(''), '/'), undefined)
})

t.test('device, kernel and disks are told, as far as they may be read', async (t) => {
  const { commands, look } = makeGround()
  commands.on('journalctl', {
    stdout:
      '2026-11-21T01:44:12 host kernel: Buffer I/O error on dev dm-0, logical block 7, lost async page write\n2026 usb 1-1: new device\n',
  })
  commands.on('smartctl', { stdout: 'SMART overall-health self-assessment test result: FAILED!\n' })
  const { disks, sentences } = await look()
  t.strictSame([...disks].sort(), ['nvme0n1', 'sdc'])
  t.match(sentences, [
    /lies on \/dev\/mapper\/data \(ext4, mounted at \/srv\/pg data\), disk/,
    /SMART of .*: FAILED!/,
    /FAILED/,
    /kernel: .*Buffer I\/O error on dev dm-0/,
  ])
  t.equal(sentences.length, 4)
})

t.test('what this user may not read is told with the command that can', async (t) => {
  const { commands, look } = makeGround()
  commands.on('journalctl', { exitCode: 1, stderr: 'insufficient permissions' })
  commands.on('dmesg', { exitCode: 1, stderr: 'dmesg: read kernel buffer failed: Operation not permitted' })
  commands.onMissing('smartctl')
  t.match((await look()).sentences, [
    /lies on/,
    /smartmontools is not installed/,
    /smartmontools/,
    /may not be read by this user: sudo dmesg/,
  ])
})
