import { globSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Measurement } from './measurement.ts'
import { installedBytes } from './program.ts'
import type { Stage } from './stage.ts'

const MB = 1 << 20
const DIST = join(import.meta.dirname, '../../dist')

/** Sizes; of the package only where `scripts/package` has built it. */
export function measureSize({ program }: Stage): readonly Measurement[] {
  const size = (name: string, bytes: number, how: string): Measurement => ({ name, value: bytes / MB, bar: undefined, unit: 'MB', how })
  const packages = globSync('*.deb', { cwd: DIST }).map((name) => size('size of the package', statSync(join(DIST, name)).size, name))
  return [
    size('size of the bundle', program.bundleBytes, 'minified, with every package it needs'),
    size('size of the program', installedBytes(program), 'the same with its Node runtime, unpacked'),
    ...packages,
  ]
}
