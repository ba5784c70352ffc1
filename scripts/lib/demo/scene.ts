import { setTimeout as sleep } from 'node:timers/promises'
import type { LogLine } from './daemon.ts'
import type { Stage } from './stage.ts'

/** One kind of trouble. */
export interface Scene {
  readonly title: string
  /** Why it cannot be played here; empty when it can. */
  obstacle(stage: Stage): string
  /** Makes the trouble, and waits until it is over. Returns what was broken, in a few words, and what else is worth a word. */
  play(stage: Stage): Promise<{ readonly broke: string; readonly remark?: string }>
}

const LOOK_EVERY_MS = 20

/** Resolves when `condition` holds; rejects after `timeoutMs` with `what`. */
export async function until(what: string, timeoutMs: number, condition: () => boolean): Promise<void> {
  const deadline = performance.now() + timeoutMs
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`not within ${timeoutMs / 1_000} s: ${what}`)
    await sleep(LOOK_EVERY_MS)
  }
}

/** Lines of pgwatchd's log since a moment. */
export function linesSince(stage: Stage, sinceMs: number): readonly LogLine[] {
  return stage.daemon.lines.filter((line) => line.atMs >= sinceMs)
}

/** Whether pgwatchd has seen trouble since `sinceMs` and called it over, and the client is served. */
export function isOver(stage: Stage, sinceMs: number): boolean {
  return linesSince(stage, sinceMs).some(({ event }) => event === 'mode-healthy') && stage.client.isServed()
}

/** Waits for `isOver`. */
export async function untilOver(stage: Stage, sinceMs: number, timeoutMs: number): Promise<void> {
  await until('pgwatchd calls the trouble over', timeoutMs, () => isOver(stage, sinceMs))
}

function noticedAfter(lines: readonly LogLine[], beganMs: number): string {
  const first = lines.find(({ event }) => event.startsWith('mode-'))
  return first === undefined ? 'not noticed' : `after ${((first.atMs - beganMs) / 1_000).toFixed(2)} s`
}

/** The verdicts in their order, each once: what follows the first sentence is what pgwatchd makes of it. */
function sawIn(lines: readonly LogLine[]): string {
  const modes = lines.filter(({ event, fields }) => event.startsWith('mode-') && fields['cause'] !== null)
  const verdicts = modes.map(({ message }) => message.replace(/^demo: /, '').split('. ')[0] ?? '')
  return verdicts.length === 0 ? 'nothing' : [...new Set(verdicts)].join('; then ')
}

function didIn(lines: readonly LogLine[]): string {
  const done = lines.filter(({ event }) => event === 'step-done').map(({ message }) => / done: (.*)$/.exec(message)?.[1] ?? '')
  const told = done.filter((text) => text !== '' && !text.startsWith('kept the evidence'))
  return told.length === 0 ? 'nothing but to tell people: a restart would not help' : told.join('; ')
}

/** "started the server: it answered after 188 ms; …" → "started the server; …" */
function withoutDetails(text: string): string {
  return text
    .split('; ')
    .map((part) => part.split(': ')[0] ?? '')
    .join('; ')
}

/** What a scene amounted to, for the table at the end. */
export interface SceneResult {
  readonly noticed: string
  readonly outage: string
  readonly did: string
}

/** Plays a scene and tells, below its timeline, what it amounted to. */
export async function playScene(stage: Stage, scene: Scene): Promise<SceneResult> {
  const { client, narrator, sink } = stage
  const mailsBefore = sink.mails.length
  client.reset()
  const beganMs = performance.now()
  const { broke, remark } = await scene.play(stage)
  const outage = `${(client.outageMs() / 1_000).toFixed(2)} s`
  await until('a mail goes out', 10_000, () => sink.mails.length > mailsBefore)
  await sleep(300)
  const lines = linesSince(stage, beganMs)
  narrator.say('')
  narrator.fact('what broke', broke)
  narrator.fact('what it saw', `${sawIn(lines)} (noticed ${noticedAfter(lines, beganMs)})`)
  narrator.fact('what it did', didIn(lines))
  narrator.fact('outage', `${outage}, measured by the client`)
  narrator.fact(
    'mail',
    sink.mails
      .slice(mailsBefore)
      .map((mail) => mail.subject)
      .join(' | '),
  )
  if (remark !== undefined) narrator.fact('note', remark)
  return { noticed: noticedAfter(lines, beganMs), outage, did: remark ?? withoutDetails(didIn(lines)) }
}
