import t from 'tap'
import { OutsideError } from '../../src/ports/outside-error.ts'
import type { Journal, JournalStore } from '../../src/recovery/pipeline.ts'
import { planPipeline } from '../../src/recovery/plan-pipeline.ts'
import { PLANS } from '../../src/recovery/plans.ts'
import type { PipelineInput } from '../../src/recovery/run-pipeline.ts'
import { RESUMPTIONS_AT_MOST, runPipeline } from '../../src/recovery/run-pipeline.ts'
import type { Step, StepName } from '../../src/recovery/step.ts'
import { STEPS } from '../../src/recovery/index.ts'
import { makeFakeGround } from './fake-ground.ts'

const NAMES = ['capture-evidence', 'stop-postgres', 'start-postgres', 'verify'] as const

/** A store in memory that keeps every journal, and can be told to fail or die from the n-th save on. */
function createStore(): JournalStore & { readonly saved: Journal[]; last(): Journal | undefined; before: (save: number) => void } {
  const saved: Journal[] = []
  const store = {
    saved,
    before: (_save: number): void => {},
    last: () => saved.at(-1),
    load: async () => saved.at(-1),
    async save(journal: Journal) {
      store.before(saved.length + 1)
      saved.push(structuredClone(journal))
    },
  }
  return store
}

/** Steps that write down what they do, and ensure things: a second run changes nothing. */
function createSteps(changes: Partial<Record<StepName, Partial<Step>>> = {}) {
  const events: string[] = []
  const world = new Set<string>()
  const steps = NAMES.map((name): Step => ({
    name,
    purpose: 'a test',
    changes: 'nothing',
    precondition: async () => ({ go: 'run', because: 'a test' }),
    run: async () => {
      events.push(`run ${name}`)
      world.add(name)
      return { ok: true, did: [`did ${name}`] }
    },
    undo: async () => {
      events.push(`undo ${name}`)
      world.delete(name)
      return [`undid ${name}`]
    },
    ...changes[name],
  }))
  return { steps, events, world }
}

function inputFor(steps: readonly Step[], store: JournalStore, more: Partial<PipelineInput> = {}): PipelineInput {
  const { ground, clock } = makeFakeGround()
  return { steps, plan: 'restart', attempt: 1, ground, store, clock, onStep: () => {}, ...more }
}

const run = (input: PipelineInput, signal = new AbortController().signal) => runPipeline(input, signal)
const statuses = (journal: Journal | undefined) => journal?.steps.map((step) => `${step.name} ${step.status}`)

t.test('each start is saved before the step runs, each end after it', async (t) => {
  const store = createStore()
  const seen: unknown[] = []
  const { steps } = createSteps({ 'stop-postgres': { run: async () => (seen.push(statuses(store.last())), { ok: true, did: [] }) } })
  t.match(await run(inputFor(steps, store)), { status: 'succeeded', done: ['did capture-evidence', 'did start-postgres', 'did verify'] })
  t.same(seen, [['capture-evidence done', 'stop-postgres began']])
  t.equal(store.last()?.status, 'succeeded')
})

t.test('what began is undone in reverse, also the half-done step, and what cannot be undone is told', async (t) => {
  const store = createStore()
  const { steps, events } = createSteps({
    'capture-evidence': { undo: { impossible: 'it is only evidence' } },
    'start-postgres': { run: async () => ({ ok: false, why: 'no luck', held: false, did: ['tried'] }) },
  })
  const outcome = await run(inputFor(steps, store))
  t.match(outcome, { status: 'failed', why: 'no luck', step: 'start-postgres', notUndone: ['capture-evidence: it is only evidence'] })
  t.same(
    events.filter((event) => event.startsWith('undo')),
    ['undo start-postgres', 'undo stop-postgres'],
  )
  t.ok(outcome.done.includes('tried') && outcome.done.includes('undid stop-postgres'))
  t.equal(store.last()?.status, 'failed')
})

t.test('an undo that fails is reported and does not keep the others from being undone', async (t) => {
  const { steps, events } = createSteps({
    'stop-postgres': {
      undo: () => Promise.reject(new OutsideError({ operation: 'start', object: 'it', code: 'x', reason: 'broken', hint: 'mend it' })),
    },
    verify: { run: async () => ({ ok: false, why: 'no', held: true, did: [], cannotBeStopped: true }) },
  })
  const outcome = await run(inputFor(steps, createStore()))
  t.match(outcome, { status: 'held', cannotBeStopped: true, notUndone: ['stop-postgres: cannot start it: broken; mend it'] })
  t.ok(events.includes('undo capture-evidence'))
})

t.test('a throw is a bug of the step, is undone, and a precondition that stops ends the attempt', async (t) => {
  const thrown = createSteps({ verify: { run: () => Promise.reject(new TypeError('oops')) } })
  t.match(await run(inputFor(thrown.steps, createStore())), { status: 'failed', why: 'bug in step verify: TypeError: oops' })
  t.ok(thrown.events.includes('undo verify'))
  const stopped = createSteps({ 'start-postgres': { precondition: async () => ({ go: 'stop', because: 'no room', held: true }) } })
  t.match(await run(inputFor(stopped.steps, createStore())), { status: 'held', why: 'no room', step: 'start-postgres' })
  t.same(stopped.events, ['run capture-evidence', 'run stop-postgres', 'undo stop-postgres', 'undo capture-evidence'])
})

t.test('when the journal cannot be saved nothing more is done, and the hold is let go', async (t) => {
  const store = createStore()
  store.before = (save) => {
    if (save >= 4) throw new OutsideError({ operation: 'save', object: 'journal', code: 'EIO', reason: 'EIO' })
  }
  const { steps, events } = createSteps()
  const input = inputFor(steps, store)
  const outcome = await run(input)
  t.match(outcome, { status: 'held', why: /nothing more is done: the journal could not be saved/ })
  t.same(events, ['run capture-evidence', 'run stop-postgres'])
  t.match(outcome.notUndone, [/capture-evidence/, /stop-postgres/])
  t.same((input.ground.outside.service as unknown as { requests: string[] }).requests, ['release'])
})

class Killed extends Error {}

/** Runs until the store dies at the n-th save, before or after it is durable; true when the run ended by itself. */
async function runUntilKilled(input: PipelineInput, store: ReturnType<typeof createStore>, at: number, durable: boolean): Promise<boolean> {
  let dead = false
  const save = async (journal: Journal): Promise<void> => {
    dead ||= store.saved.length + 1 === at && !durable
    if (dead) throw new Killed()
    await store.save(journal)
    dead = store.saved.length === at
    if (dead) throw new Killed()
  }
  return runPipeline({ ...input, store: { ...store, save } }, new AbortController().signal).then(
    () => true,
    (error: unknown) => {
      if (error instanceof Killed) return false
      throw error
    },
  )
}

t.test('killed at any save, the next run finishes, or finishes undoing', async (t) => {
  for (const failing of [false, true]) {
    for (const durable of [false, true]) {
      for (let at = 1; at < 40; at += 1) {
        const { steps, world } = createSteps(
          failing ? { verify: { run: async () => ({ ok: false, why: 'no', held: false, did: [] }) } } : {},
        )
        const store = createStore()
        if (await runUntilKilled(inputFor(steps, store), store, at, durable)) break
        const resumeFrom = store.last()
        const open = resumeFrom?.status === 'open'
        const outcome = open || resumeFrom === undefined ? await run(inputFor(steps, store, open ? { resumeFrom } : {})) : undefined
        t.equal(outcome?.status ?? resumeFrom?.status, failing ? 'failed' : 'succeeded', `save ${at}, ${durable ? 'after' : 'before'}`)
        t.equal(world.size, failing ? 0 : NAMES.length)
        if (open) t.equal(store.last()?.resumptions, 1)
      }
    }
  }
})

t.test('notes survive a kill, also for later steps', async (t) => {
  const store = createStore()
  const seen: unknown[] = []
  const { steps } = createSteps({
    'stop-postgres': { run: async (context) => (await context.note({ had: 7 }), { ok: true, did: [] }) },
    verify: {
      run: async (context) => (seen.push(context.recall('stop-postgres'), context.recall('capture-evidence')), { ok: true, did: [] }),
    },
  })
  await runUntilKilled(inputFor(steps, store), store, 7, true)
  const resumeFrom = store.last()
  t.ok(resumeFrom)
  if (resumeFrom !== undefined) await run(inputFor(steps, store, { resumeFrom }))
  t.same(seen.slice(-2), [{ had: 7 }, undefined])
})

t.test('an attempt that is taken up too often is undone, and an undo that is taken up too often is left', async (t) => {
  const { steps, events } = createSteps()
  const store = createStore()
  await runUntilKilled(inputFor(steps, store), store, 4, true)
  const journal = store.last()
  if (journal === undefined) throw new Error('no journal was saved')
  const outcome = await run(inputFor(steps, store, { resumeFrom: { ...journal, resumptions: RESUMPTIONS_AT_MOST } }))
  t.match(outcome, { status: 'failed', why: /in the middle of this attempt 6 times/ })
  t.ok(events.includes('undo stop-postgres'))
  const left = await run(inputFor(steps, createStore(), { resumeFrom: { ...journal, resumptions: 2 * RESUMPTIONS_AT_MOST } }))
  t.equal(left.notUndone.length, 2)
})

t.test('told to end at once, it stops at the next safe point with the journal open', async (t) => {
  const controller = new AbortController()
  const store = createStore()
  const { steps, events } = createSteps({ 'stop-postgres': { run: async () => (controller.abort(), { ok: true, did: [] }) } })
  t.match(await run(inputFor(steps, store), controller.signal), { status: 'suspended' })
  t.equal(store.last()?.status, 'open')
  t.same(events, ['run capture-evidence'])
  const resumeFrom = store.last()
  if (resumeFrom !== undefined) t.match(await run(inputFor(createSteps().steps, store, { resumeFrom })), { status: 'succeeded' })
})

t.test('a step may leave its rest to the next start of pgwatchd: the journal stays open, nothing is undone', async (t) => {
  const store = createStore()
  const { steps, events } = createSteps({
    'start-postgres': { run: async () => ({ ok: false, suspend: true, why: 'on its way', held: false, did: [] }) },
  })
  const input = inputFor(steps, store)
  t.match(await run(input), { status: 'suspended' })
  t.match(store.last(), { status: 'open' })
  t.same(events, ['run capture-evidence', 'run stop-postgres'])
  t.same((input.ground.outside.service as unknown as { requests: string[] }).requests, ['release'])
})

t.test('why an attempt began and what was damaged is its first record, and what a new daemon works with', async (t) => {
  const store = createStore()
  const damages = [{ kind: 'page' as const, relationPath: 'base/5/7', block: 3, message: 'invalid page '.repeat(100) }]
  const seen: unknown[] = []
  const { steps } = createSteps({
    verify: { run: async (context) => (seen.push(context.damages, context.assessment.cause), { ok: true, did: [] }) },
  })
  const input = inputFor(steps, store)
  const ground = { ...input.ground, damages, assessment: { ...input.ground.assessment, cause: 'damaged' as const } }
  await runUntilKilled({ ...input, ground }, store, 1, true)
  const resumeFrom = store.last()
  if (resumeFrom === undefined) throw new Error('no journal was saved')
  t.match(await run({ ...input, resumeFrom }), { status: 'succeeded' })
  t.match(seen, [[{ relationPath: 'base/5/7', block: 3 }], 'damaged'])
  const full = Array.from({ length: 1_000 }, () => damages[0] ?? [])
  const again = createStore()
  await run({ ...input, ground: { ...ground, damages: full.flat() }, store: again })
  t.ok(JSON.stringify(again.last()).length < 48 * 1024, 'it has to fit into its slot')
})

t.test('an undo knows which step ended the attempt', async (t) => {
  const seen: unknown[] = []
  const { steps } = createSteps({
    'stop-postgres': { undo: async (context) => (seen.push(context.endedBy), []) },
    verify: { run: async () => ({ ok: false, why: 'no', held: true, did: [] }) },
  })
  await run(inputFor(steps, createStore()))
  t.same(seen, ['verify'])
})

t.test('a plan asks preconditions only, and shows what is not reached', async (t) => {
  const { steps, events } = createSteps({
    'start-postgres': { precondition: async (context) => ({ go: 'stop', because: context.supposed ?? '', held: true }) },
  })
  const { ground } = makeFakeGround()
  const planned = await planPipeline(steps, 'restart', ground, new AbortController().signal)
  t.same(
    planned.map(({ go, because }) => `${go} ${because}`),
    ['run a test', 'run a test', 'stop stopped', 'skip not reached: start-postgres ends the attempt'],
  )
  t.same(events, [])
})

t.test('the list holds every step of every plan, in the order of the plan', async (t) => {
  const names = STEPS.map((step) => step.name)
  for (const plan of Object.values(PLANS))
    t.same(
      names.filter((name) => plan.includes(name)),
      plan,
    )
})
