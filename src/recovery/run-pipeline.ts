import type { Plan } from '../core/cause.ts'
import type { Damage } from '../core/facts.ts'
import type { Clock } from '../ports/clock.ts'
import { OutsideError } from '../ports/outside-error.ts'
import type { Logbook, StepListener } from './logbook.ts'
import { createLogbook, JournalNotSaved } from './logbook.ts'
import type { Ending, Journal, JournalStore, PipelineOutcome } from './pipeline.ts'
import { PLANS } from './plans.ts'
import type { Step, StepContext } from './step.ts'
import { takeStep } from './take-step.ts'
import { leaveAsItIs, unwind } from './unwind.ts'

/** How often an attempt is taken up again by a new daemon before it is given up; as often again for its undo. */
export const RESUMPTIONS_AT_MOST = 5

const DAMAGES_AT_MOST = 100
const LONGEST_MESSAGE = 160

/** What the caller gives of the context; the engine adds what concerns the journal. */
export type StepGround = Omit<StepContext, 'recall' | 'note'>

export interface PipelineInput {
  /** The whole list, top to bottom; the plan picks from it. */
  readonly steps: readonly Step[]
  readonly plan: Plan
  /** Counts up within the incident; recorded in the journal. */
  readonly attempt: number
  readonly ground: StepGround
  readonly store: JournalStore
  readonly clock: Clock
  /** An open journal that an earlier daemon left; its plan and attempt are gone on with. */
  readonly resumeFrom?: Journal
  readonly onStep: StepListener
}

interface Run {
  readonly steps: readonly Step[]
  readonly logbook: Logbook
  readonly done: Set<string>
  readonly notDone: Set<string>
  contextOf(step: Step): StepContext
}

/**
 * Takes the plan's steps one after the other. Intent is durable before each act. When a step fails or must not go on,
 * every step that began is undone in reverse, and what could not be undone is returned. When `signal` aborts, it ends at
 * the next safe point with the journal open. Never rejects but for a bug of its own.
 */
export async function runPipeline(input: PipelineInput, signal: AbortSignal): Promise<PipelineOutcome> {
  const run = prepare(input)
  const outcome = await carryOut(run, input.resumeFrom !== undefined, signal).catch((error: unknown) => nothingMore(run, error))
  return settleHold(input, outcome)
}

/** A hold must not outlive the pipeline that took it, because nobody could start the server then; but for one that is meant to. */
async function settleHold(input: PipelineInput, outcome: PipelineOutcome): Promise<PipelineOutcome> {
  const { service } = input.ground.outside
  try {
    await (outcome.keepsHold === true ? service.hold() : service.release())
    return outcome
  } catch (error) {
    if (!(error instanceof OutsideError)) throw error
    return { ...outcome, notUndone: [...outcome.notUndone, `the hold on the service: ${error.message}`] }
  }
}

function nothingMore(run: Run, error: unknown): PipelineOutcome {
  if (!(error instanceof JournalNotSaved)) throw error
  const why = `nothing more is done: ${error.message}`
  return conclude(run, { status: 'held', why, step: undefined, cannotBeStopped: false }, begunNames(run))
}

function prepare(input: PipelineInput): Run {
  const journal = input.resumeFrom ?? newJournal(input)
  const logbook = createLogbook(journal, input.store, input.clock, input.onStep)
  const names = PLANS[journal.plan]
  return {
    steps: input.steps.filter((step) => names.includes(step.name)),
    logbook,
    done: new Set(journal.steps.filter((step) => step.status === 'done' && step.detail !== '').map((step) => step.detail)),
    notDone: new Set(),
    contextOf: (step) => ({
      ...input.ground,
      ...(journal.assessment === undefined ? {} : { assessment: journal.assessment }),
      damages: journal.damages ?? input.ground.damages,
      ...restoreOf(journal),
      ...endedBy(logbook.journal()),
      recall: logbook.recall,
      note: (data) => logbook.note(step.name, data),
    }),
  }
}

function restoreOf({ assessment }: Journal): Pick<StepContext, 'restore'> {
  return assessment?.restore === undefined ? {} : { restore: assessment.restore }
}

function endedBy({ ending }: Journal): Pick<StepContext, 'endedBy'> {
  return ending?.step === undefined ? {} : { endedBy: ending.step }
}

/** What a journal says before the first step: why the attempt is made, and what for. */
export type Intent = Pick<PipelineInput, 'plan' | 'attempt' | 'clock'> & {
  readonly ground: Pick<StepGround, 'incidentId' | 'assessment' | 'damages'>
}

/** The journal of an attempt that has not begun. */
export function newJournal({ plan, attempt, clock, ground }: Intent): Journal {
  return {
    version: 1,
    incidentId: ground.incidentId,
    attempt,
    plan,
    resumptions: 0,
    status: 'open',
    startedWallMs: clock.wallMs(),
    assessment: ground.assessment,
    damages: ground.damages.slice(0, DAMAGES_AT_MOST).map(shorten),
    steps: [],
  }
}

/** The journal has a fixed size. */
function shorten(damage: Damage): Damage {
  return { ...damage, message: damage.message.slice(0, LONGEST_MESSAGE) }
}

async function carryOut(run: Run, resuming: boolean, signal: AbortSignal): Promise<PipelineOutcome> {
  if (resuming) await run.logbook.resume()
  const ending = run.logbook.journal().ending ?? tooManyResumptions(run) ?? (await walk(run, signal))
  if (ending === 'suspended') return suspended(run)
  return ending === undefined ? succeed(run) : giveUp(run, ending, signal)
}

function tooManyResumptions(run: Run): Ending | undefined {
  if (run.logbook.journal().resumptions <= RESUMPTIONS_AT_MOST) return undefined
  const why = `pgwatchd ended in the middle of this attempt ${RESUMPTIONS_AT_MOST + 1} times`
  return { status: 'failed', why, step: undefined, cannotBeStopped: false }
}

/** The ending of the first step that does not pass; `undefined` when all do. */
async function walk(run: Run, signal: AbortSignal): Promise<Ending | 'suspended' | undefined> {
  for (const step of run.steps) {
    if (signal.aborted) return 'suspended'
    const end = await takeStep(step, run.contextOf(step), run.logbook, signal)
    if (end.kind === 'suspended') return 'suspended'
    end.did.forEach((sentence) => run.done.add(sentence))
    end.notDone.forEach((sentence) => run.notDone.add(sentence))
    if (end.kind === 'ended') return end.ending
  }
  return undefined
}

async function succeed(run: Run): Promise<PipelineOutcome> {
  await run.logbook.close('succeeded')
  const why = 'every step of the plan was done and verified'
  return { ...conclude(run, { status: 'failed', why, step: undefined, cannotBeStopped: false }), status: 'succeeded' }
}

async function giveUp(run: Run, ending: Ending, signal: AbortSignal): Promise<PipelineOutcome> {
  if (run.logbook.journal().ending === undefined) await run.logbook.giveUp(ending)
  if (run.logbook.journal().resumptions > 2 * RESUMPTIONS_AT_MOST)
    await leaveAsItIs(run.logbook, 'pgwatchd ended again and again while undoing')
  const putBack = await unwind(run.steps, run.logbook, run.contextOf, signal)
  putBack.forEach((sentence) => run.done.add(sentence))
  if (signal.aborted) return suspended(run)
  await run.logbook.close(ending.status)
  return conclude(run, ending)
}

function suspended(run: Run): PipelineOutcome {
  const why = 'suspended; the next start of pgwatchd goes on with it'
  return { ...conclude(run, { status: 'held', why, step: undefined, cannotBeStopped: false }), status: 'suspended' }
}

function conclude(run: Run, ending: Ending, leftOpen: readonly string[] = []): PipelineOutcome {
  const notUndone = run.logbook
    .journal()
    .steps.filter((step) => step.status === 'not-undone')
    .map((step) => `${step.name}: ${step.detail}`)
  return { ...ending, done: [...run.done], notDone: [...run.notDone], notUndone: [...notUndone, ...leftOpen] }
}

function begunNames(run: Run): readonly string[] {
  return run.logbook
    .journal()
    .steps.filter((step) => step.status === 'began' || step.status === 'done' || step.status === 'failed')
    .map((step) => `${step.name}: its undo was not tried, because it could not be recorded`)
}
