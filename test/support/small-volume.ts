import { execFileSync } from 'node:child_process'
import { chownSync, mkdtempSync, rmSync, statfsSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { ownerOf } from './cluster-processes.ts'

interface Teardown {
  teardown(handler: () => unknown): unknown
}

/** A real ext4 of its own on a loop device, the user postgres's; unmounted at the end. Only root can mount one. */
export function mountExt4(t: Teardown, megabytes: number, reservedPercent = 0): string {
  const image = mkdtempSync('/tmp/pgwatchd-image-')
  const path = mkdtempSync('/tmp/pgwatchd-volume-')
  writeFileSync(`${image}/disk`, '')
  truncateSync(`${image}/disk`, megabytes << 20)
  execFileSync('mkfs.ext4', ['-q', '-m', String(reservedPercent), `${image}/disk`])
  t.teardown(() => {
    if (statSync(path).dev !== statSync('/tmp').dev) execFileSync('umount', ['-l', path])
    for (const each of [path, image]) rmSync(each, { recursive: true, force: true })
  })
  execFileSync('mount', ['-o', 'loop', `${image}/disk`, path])
  if (statSync(path).dev === statSync('/tmp').dev) throw new Error(`${path} is not a volume of its own`)
  rmSync(`${path}/lost+found`, { recursive: true })
  const { uid, gid } = ownerOf('postgres')
  chownSync(path, uid, gid)
  return path
}

/** Megabytes that PostgreSQL may still use there. */
export function freeMegabytes(path: string): number {
  const { bavail, bsize } = statfsSync(path)
  return (bavail * bsize) / 1024 / 1024
}

/** Takes room there by somebody else's file, as postgres would see it, until `leftMegabytes` are left. */
export function fillUp(path: string, leftMegabytes: number, name = 'filler'): void {
  const takes = Math.floor((freeMegabytes(path) - leftMegabytes) * 16)
  const command = ['dd', 'if=/dev/zero', `of=${path}/${name}`, 'bs=64k', `count=${Math.max(0, takes)}`, 'status=none']
  execFileSync('setpriv', ['--reuid=postgres', '--regid=postgres', '--init-groups', '--', ...command])
}
