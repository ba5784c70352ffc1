import { spawnSync } from 'node:child_process'
import { chownSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Identity } from './identity.ts'

const SIZE = '96M'

/** Where the data directory is, and why its disk is not a small one of its own; empty when it is. */
export interface Volume {
  readonly path: string
  readonly whyNotSmall: string
}

/** A volume of its own in memory, where this process may mount one. */
export function makeVolume(identity: Identity, directory: string): Volume {
  const path = join(directory, 'volume')
  mkdirSync(path)
  const whyNotSmall = identity.isRoot ? mount(path) : 'only root can mount a small disk; run it as root to see it'
  chownSync(path, identity.uid, identity.gid)
  return { path, whyNotSmall }
}

function mount(path: string): string {
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE},mode=0700`, 'pgwatchd-demo', path], { encoding: 'utf8' })
  return mounted.status === 0 ? '' : `a small disk could not be mounted (${mounted.stderr.trim() || 'mount is missing'})`
}
