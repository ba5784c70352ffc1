/** Cuts the power of a volume while a store writes to it, again and again: the request is the argument, the results are the last line. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { createFiles } from '../../../src/adapters/filesystem/files.ts'
import { createFakeRandom } from '../../fakes/random.ts'
import { makeLoopVolume, type LoopVolume } from './loop-volume.ts'
import { holdSwitch } from './power.ts'
import type { CutRequest, CutResult } from './request.ts'
import { storeNamed } from './stores/index.ts'

const MOST_OPERATIONS_BEFORE = 30
const LONGEST_DELAY_MS = 3
const WRITER_TIMEOUT_MS = 30_000

const request = JSON.parse(process.argv[2] ?? '') as CutRequest
const random = createFakeRandom(request.seed).fraction
const scratch = '/mnt'
await mountScratch()
const volume = await makeLoopVolume(scratch, request.fileSystem)
const results: CutResult[] = []
for (let number = 0; number < request.cuts; number += 1) results.push(await cutOnce(volume, `${volume.mountPoint}/${String(number)}`))
process.stdout.write(`${JSON.stringify(results)}\n`)
process.exit(0)

async function mountScratch(): Promise<void> {
  const mounted = spawn('mount', ['-t', 'tmpfs', 'scratch', scratch], { stdio: 'inherit' })
  await once(mounted, 'exit')
}

/** Only what was acknowledged before the cut counts: an acknowledgement may still arrive while the volume goes down. */
async function cutOnce({ mountPoint, mount, unmount }: LoopVolume, directory: string): Promise<CutResult> {
  mkdirSync(directory)
  const power = await holdSwitch(mountPoint)
  const writer = spawn(process.execPath, [`${import.meta.dirname}/writer.ts`, request.store, request.protocol, directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: WRITER_TIMEOUT_MS,
  })
  const ended = once(writer, 'close')
  let acknowledged = 0
  const enough = Promise.withResolvers<void>()
  const wanted = 1 + Math.floor(random() * MOST_OPERATIONS_BEFORE)
  createInterface({ input: writer.stdout }).on('line', (line) => {
    acknowledged = Number(line)
    if (acknowledged >= wanted) enough.resolve()
  })
  await Promise.race([enough.promise, ended.then(() => Promise.reject(new Error(`the writer of ${request.store} ended by itself`)))])
  await sleep(random() * LONGEST_DELAY_MS)
  const counted = acknowledged
  await power.cut()
  writer.kill('SIGKILL')
  await ended
  await unmount()
  await mount()
  const finding = await storeNamed(request.store).check(createFiles(), directory, counted, acknowledged + 1)
  return { acknowledged: counted, ...finding }
}
