/** The main job on an embedded default: a throwaway server, the real daemon in front of it, and four kinds of trouble. */
import { setTimeout as sleep } from 'node:timers/promises'
import { removeLeftovers } from './lib/demo/leftovers.ts'
import { createNarrator } from './lib/demo/narrator.ts'
import type { Narrator } from './lib/demo/narrator.ts'
import type { Scene } from './lib/demo/scene.ts'
import { playScene } from './lib/demo/scene.ts'
import { exhaust } from './lib/demo/scenes/exhaust.ts'
import { fill } from './lib/demo/scenes/fill.ts'
import { hang } from './lib/demo/scenes/hang.ts'
import { kill } from './lib/demo/scenes/kill.ts'
import { buildStage, closeStage } from './lib/demo/stage.ts'
import type { Stage } from './lib/demo/stage.ts'

const SCENES: readonly Scene[] = [kill, hang, exhaust, fill]
/** A look at the healthy server between two scenes. */
const BREATH_MS = 2_500

/** A row of the table at the end. */
type Row = readonly string[]

async function playAll(stage: Stage, narrator: Narrator): Promise<readonly Row[]> {
  const results: Row[] = []
  for (const [index, scene] of SCENES.entries()) {
    narrator.heading(`${index + 1} of ${SCENES.length}: ${scene.title}`)
    const obstacle = scene.obstacle(stage)
    if (obstacle === '') {
      await sleep(BREATH_MS)
      const { noticed, outage, did } = await playScene(stage, scene)
      results.push([scene.title, noticed, outage, did])
    } else {
      narrator.say(`  skipped: ${obstacle}`)
      results.push([scene.title, '-', '-', `skipped: ${obstacle}`])
    }
  }
  return results
}

function tellEnd(stage: Stage, narrator: Narrator, results: readonly Row[], startMs: number): void {
  const mail = stage.sink.mails.find(({ subject }) => subject.startsWith('[SUCCESS]'))
  narrator.heading('The mail after the first recovery, in full')
  if (mail !== undefined) narrator.say(`From: ${mail.from}\nTo: ${mail.to.join(', ')}\nSubject: ${mail.subject}\n\n${mail.text.trimEnd()}`)
  narrator.heading('In short')
  narrator.table(['TROUBLE', 'NOTICED', 'OUTAGE', 'WHAT CAME OF IT'], results)
  narrator.say(`\nAll of it took ${Math.round((performance.now() - startMs) / 1_000)} s; nothing is left behind.`)
}

/** Whatever happens, also a crash of this program, ends in the exit handler. */
function removeAtExit(): void {
  removeLeftovers()
  process.once('exit', () => removeLeftovers(process.pid))
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)
    process.once(signal, () => process.exit(code))
}

async function main(): Promise<number> {
  const startMs = performance.now()
  const narrator = createNarrator(startMs)
  removeAtExit()
  narrator.say(
    'pgwatchd demo: a throwaway PostgreSQL, the real daemon in front of it, a client that keeps writing, and four kinds of trouble.',
  )
  try {
    const stage = await buildStage(narrator)
    const results = await playAll(stage, narrator)
    await closeStage(stage)
    tellEnd(stage, narrator, results, startMs)
    return 0
  } catch (error) {
    narrator.say(`\nThe demo failed: ${error instanceof Error ? error.message : String(error)}`)
    return 1
  }
}

process.exit(await main())
