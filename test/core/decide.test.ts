import * as fc from 'fast-check'
import t from 'tap'
import { budgetOf } from '../../src/core/budget.ts'
import type { Assessment, Cause } from '../../src/core/cause.ts'
import { decide, type Decision } from '../../src/core/decide.ts'
import { EVENT_TYPES, type Event, type EventType } from '../../src/core/event.ts'
import { after, type Instant } from '../../src/core/instant.ts'
import type { Limits } from '../../src/core/limits.ts'
import { createState, MODES, type State } from '../../src/core/state.ts'
import { TRANSITIONS } from '../../src/core/transitions.ts'

const START: Instant = { bootId: 'boot-1', monotonicMs: 1_000_000, wallMs: 1_800_000_000_000 }

const LIMITS: Limits = {
  failures: 3,
  attempts: 3,
  windowMs: 3_600_000,
  cooldownMs: 30_000,
  cooldownMaxMs: 900_000,
  operatorStop: { action: 'recover', graceMs: 180_000 },
  mode: 'act',
  waitAlertMs: 30_000,
}

function assessed(cause: Cause, changes: Partial<Assessment> = {}): Assessment {
  return {
    cause,
    response: 'recover',
    plan: 'restart',
    strength: 'suspected',
    verdict: cause,
    evidence: [],
    ruledOut: [],
    warnings: [],
    attemptsAtMost: undefined,
    ...changes,
  }
}

function eventOfType(type: EventType): Event {
  switch (type) {
    case 'operator-paused':
      return { type, forMs: null, by: 'ann' }
    case 'failure-suspected':
    case 'failure-proven':
    case 'recovery-requested':
      return { type, assessment: assessed('crashed') }
    case 'healing-observed':
      return { type, assessment: assessed('starting', { response: 'wait' }) }
    case 'operator-stop-observed':
      return { type, assessment: assessed('stopped-by-operator', { response: 'grace' }) }
    case 'person-needed':
      return { type, assessment: assessed('auth-broken', { response: 'person' }) }
    default:
      return { type }
  }
}

/** Drives one cluster's state through events, each `laterMs` after the one before. */
class Story {
  state: State = createState(START)
  now: Instant = START
  last: Decision | undefined
  readonly limits: Limits

  constructor(limits: Partial<Limits> = {}) {
    this.limits = { ...LIMITS, ...limits }
  }

  tell(event: EventType | Event, laterMs = 1_000): Decision {
    this.now = after(this.now, laterMs)
    const told = typeof event === 'string' ? eventOfType(event) : event
    this.last = decide(this.state, told, { now: this.now, limits: this.limits, freshIncidentId: `incident-${this.now.monotonicMs}` })
    this.state = this.last.state
    return this.last
  }
}

t.test('every mode answers every event with a mode that exists and a reason', async (t) => {
  for (const mode of MODES) {
    for (const type of EVENT_TYPES) {
      const decision = decide({ ...createState(START), mode }, eventOfType(type), { now: START, limits: LIMITS, freshIncidentId: 'x' })
      t.ok(MODES.includes(decision.state.mode), `${mode} + ${type} -> ${decision.state.mode}`)
      t.ok(decision.why.length > 3 && !decision.why.endsWith('.'))
    }
  }
})

t.test('every row of the table can be reached by its own guard being last or alone', async (t) => {
  for (const mode of MODES) {
    for (const type of EVENT_TYPES) {
      const rows: readonly { when?: string }[] = TRANSITIONS[mode][type]
      t.equal(rows.at(-1)?.when, undefined, `${mode} + ${type} ends in an unguarded row`)
      const guards = rows.map((row) => row.when)
      t.equal(new Set(guards).size, guards.length, `${mode} + ${type} has no guard twice`)
    }
  }
})

t.test('a suspicion needs three failures in a row', async (t) => {
  const story = new Story()
  t.equal(story.tell('failure-suspected').state.mode, 'suspect')
  t.same(story.last?.effects, ['open-incident'])
  t.equal(story.tell('failure-suspected').state.mode, 'suspect')
  t.equal(story.tell('failure-suspected').state.mode, 'recovering')
  t.same(story.last?.effects, ['open-incident', 'start-recovery'])
  t.equal(story.state.attempts.length, 1, 'the attempt is counted before it begins')
})

t.test('one good reading ends a suspicion, quietly', async (t) => {
  const story = new Story()
  story.tell('failure-suspected')
  const { state, effects } = story.tell('probes-passed')
  t.equal(state.mode, 'healthy')
  t.equal(state.failuresInRow, 0)
  t.equal(state.incidentId, null)
  t.same(effects, ['close-incident'], 'nobody was told, so nobody is told of the end')
})

t.test('what the kernel proves is acted on at once', async (t) => {
  t.equal(new Story().tell('failure-proven').state.mode, 'recovering')
})

t.test('a success closes the incident, and the attempt stays counted in its window', async (t) => {
  const story = new Story()
  story.tell('failure-proven')
  const { state, effects } = story.tell('recovery-succeeded')
  t.equal(state.mode, 'healthy')
  t.same(effects, ['alert-recovered', 'close-incident'])
  t.equal(state.attempts.length, 1)
  story.tell('probes-passed', LIMITS.windowMs)
  t.equal(story.state.attempts.length, 0, 'the window forgets it')
})

t.test('after a failed attempt it cools down, longer each time, and then is exhausted', async (t) => {
  const story = new Story()
  story.tell('failure-proven')
  t.equal(story.tell('recovery-failed').state.mode, 'waiting')
  t.equal(story.tell('failure-proven', 29_000).state.mode, 'waiting', 'cooling down')
  t.equal(story.tell('failure-proven', 1_000).state.mode, 'recovering')
  story.tell('recovery-failed')
  t.equal(story.tell('failure-proven', 59_000).state.mode, 'waiting', 'the second cooldown is twice as long')
  t.equal(story.tell('failure-proven', 1_000).state.mode, 'recovering')
  const { state, effects } = story.tell('recovery-failed')
  t.equal(state.mode, 'exhausted')
  t.same(effects, ['alert-exhausted'])
  t.equal(story.tell('failure-proven', LIMITS.windowMs * 2).state.mode, 'exhausted', 'and time alone does not change that')
})

t.test('exhausted ends with resume, with a request, or when others have mended it', async (t) => {
  const spent = (): Story => {
    const story = new Story({ attempts: 1 })
    story.tell('failure-proven')
    story.tell('recovery-failed')
    t.equal(story.state.mode, 'exhausted')
    return story
  }
  const resumed = spent()
  t.equal(resumed.tell('operator-resumed').state.mode, 'suspect')
  t.equal(resumed.state.attempts.length, 0)
  const requested = spent()
  t.equal(requested.tell('recovery-requested').state.mode, 'recovering')
  const mended = spent()
  t.same(mended.tell('probes-passed').effects, ['alert-recovered-without-us', 'close-incident'])
})

t.test('a held recovery does no harm, uses up no attempt, and is not tried in a hurry', async (t) => {
  const story = new Story({ attempts: 1 })
  for (let round = 0; round < 5; round += 1) {
    t.equal(story.tell('failure-proven', LIMITS.cooldownMaxMs).state.mode, 'recovering')
    t.equal(story.tell('recovery-held').state.mode, 'waiting')
    t.equal(story.state.attempts.length, 0)
    t.equal(story.tell('failure-proven', 1_000).state.mode, 'waiting', 'cooling down')
  }
})

t.test('a server that cannot be stopped is left to a person while that lasts, and acted on again when it is gone', async (t) => {
  const story = new Story()
  const stuck: Event = { type: 'person-needed', assessment: assessed('cannot-be-stopped', { response: 'person', plan: undefined }) }
  story.tell('failure-proven')
  t.equal(story.tell('recovery-impossible').state.mode, 'waiting')
  t.equal(story.state.attempts.length, 1, 'what was tried is counted')
  for (let look = 0; look < 5; look += 1) {
    const { state, effects } = story.tell(stuck)
    t.equal(state.mode, 'waiting')
    t.same(effects, ['open-incident', 'alert-person-needed'], 'told at once, it was confirmed before')
  }
  t.equal(story.tell('failure-proven').state.mode, 'recovering', 'at once: nothing is there any more that could be disturbed')
})

/** Trouble that a remedy short of a restart may end. */
const CROWDED: Event = { type: 'failure-proven', assessment: assessed('connections-exhausted', { plan: 'remedies' }) }

t.test('remedies short of a restart have a budget of their own, and a crash finds its attempts unspent', async (t) => {
  const story = new Story()
  for (let round = 0; round < LIMITS.attempts; round += 1) {
    t.equal(story.tell(CROWDED).state.mode, 'recovering')
    t.equal(story.tell('recovery-succeeded').state.mode, 'healthy')
  }
  const { state, effects } = story.tell(CROWDED)
  t.equal(state.mode, 'waiting')
  t.same(effects, ['open-incident', 'alert-person-needed'])
  t.equal(state.attempts.length, 0)
  t.equal(story.tell('failure-proven').state.mode, 'recovering')
  t.equal(story.tell('recovery-succeeded').state.mode, 'healthy')
  t.equal(story.tell(CROWDED, LIMITS.windowMs).state.mode, 'recovering', 'the window forgets them')
})

t.test('a remedy that did not help has to cool down, and keeps no crash waiting', async (t) => {
  for (const end of ['recovery-failed', 'recovery-held'] as const) {
    const story = new Story({ attempts: 1 })
    story.tell(CROWDED)
    t.equal(story.tell(end).state.mode, 'waiting', 'never exhausted by remedies')
    t.equal(story.state.remedies.attempts.length, end === 'recovery-held' ? 0 : 1)
    t.equal(story.tell(CROWDED).state.mode, 'waiting')
    t.equal(story.tell('failure-proven').state.mode, 'recovering')
  }
})

t.test('attempts that restart do not use up those of remedies', async (t) => {
  const story = new Story({ attempts: 1 })
  story.tell('failure-proven')
  story.tell('recovery-succeeded')
  t.equal(story.tell(CROWDED).state.mode, 'recovering')
  t.equal(story.tell('recovery-failed').state.mode, 'waiting', 'though the other attempts are spent')
})

t.test('a cause may allow fewer attempts than configured; then a person is told, and other causes are still acted on', async (t) => {
  const faulty: Event = { type: 'failure-proven', assessment: assessed('disk-faulty', { strength: 'proven', attemptsAtMost: 1 }) }
  for (const end of ['recovery-failed', 'recovery-held'] as const) {
    const story = new Story()
    t.equal(story.tell(faulty).state.mode, 'recovering')
    story.tell(end)
    for (let day = 0; day < 3; day += 1) {
      const { state, effects } = story.tell(faulty, 86_400_000)
      t.equal(state.mode, 'waiting')
      t.same(effects, ['open-incident', 'alert-person-needed'])
    }
    t.equal(story.tell('failure-proven').state.mode, 'recovering', 'a crash is another cause')
  }
})

t.test("an operator's stop is told at once and left alone for its grace", async (t) => {
  const story = new Story()
  const { state, effects } = story.tell('operator-stop-observed')
  t.equal(state.mode, 'waiting')
  t.same(effects, ['open-incident', 'alert-operator-stopped'])
  t.equal(story.tell('operator-stop-observed', LIMITS.operatorStop.graceMs - 1_000).state.mode, 'waiting')
  t.equal(story.tell('operator-stop-observed', 1_000).state.mode, 'recovering')
})

t.test('work in the data directory renews the grace', async (t) => {
  const story = new Story()
  story.tell('operator-stop-observed')
  story.tell({ type: 'healing-observed', assessment: assessed('stopped-by-operator', { response: 'wait' }) }, LIMITS.operatorStop.graceMs)
  t.equal(story.tell('operator-stop-observed', 1_000).state.mode, 'waiting')
  t.equal(story.tell('operator-stop-observed', LIMITS.operatorStop.graceMs).state.mode, 'recovering')
})

t.test('hold means for ever', async (t) => {
  const story = new Story({ operatorStop: { action: 'hold', graceMs: 1_000 } })
  for (let day = 0; day < 30; day += 1) t.equal(story.tell('operator-stop-observed', 86_400_000).state.mode, 'waiting')
})

t.test('a starting server is waited for without limit, and a person hears of it when it takes long', async (t) => {
  const story = new Story()
  t.same(story.tell('healing-observed', 86_400_000).effects, ['open-incident'], 'however long it was healthy before')
  t.same(story.tell('healing-observed', 29_000).effects, ['open-incident'])
  t.same(story.tell('healing-observed', 1_000).effects, ['open-incident', 'alert-waiting'])
  t.equal(story.tell('healing-observed', 86_400_000).state.mode, 'waiting')
  t.equal(story.state.failuresInRow, 0)
})

t.test('a server that is down for want of room is told at once, and waited for', async (t) => {
  const story = new Story()
  const roomless: Event = { type: 'healing-observed', assessment: assessed('disk-full', { response: 'wait' }) }
  const { state, effects } = story.tell(roomless)
  t.equal(state.mode, 'waiting')
  t.same(effects, ['open-incident', 'alert-waiting'])
  t.notOk(story.tell(roomless, 86_400_000).effects.includes('start-recovery'))
})

t.test('a cause that no restart can help never starts the pipeline', async (t) => {
  const story = new Story()
  for (let failure = 0; failure < 500; failure += 1) t.notOk(story.tell('person-needed').effects.includes('start-recovery'))
  t.equal(story.state.mode, 'waiting')
  t.ok(story.last?.effects.includes('alert-person-needed'))
})

t.test('paused means hands off, also over a restart of the daemon', async (t) => {
  const story = new Story()
  story.tell('operator-paused')
  for (const type of ['failure-proven', 'operator-stop-observed', 'daemon-started', 'recovery-requested', 'person-needed'] as const) {
    const { state, effects } = story.tell(type, LIMITS.windowMs)
    t.equal(state.mode, 'paused')
    t.same(effects, [])
  }
  t.equal(story.tell('operator-resumed').state.mode, 'suspect')
})

t.test('a pause during a recovery begins when the recovery has ended', async (t) => {
  const story = new Story()
  story.tell('failure-proven')
  t.equal(story.tell('operator-paused').state.mode, 'recovering')
  t.equal(story.tell('recovery-succeeded').state.mode, 'paused')
})

t.test('a daemon that died in a recovery takes it up again', async (t) => {
  const story = new Story()
  story.tell('failure-proven')
  const { state, effects } = story.tell('daemon-started')
  t.equal(state.mode, 'recovering')
  t.same(effects, ['resume-recovery'])
  t.equal(state.attempts.length, 1, 'it is the same attempt')
})

t.test('a resume gives the attempts back, and those of the incident are numbered on: its journal names the last one', async (t) => {
  const story = new Story({ attempts: 1 })
  story.tell('failure-proven')
  t.equal(story.tell('recovery-failed').state.mode, 'exhausted')
  story.tell('operator-resumed')
  const { state } = story.tell('failure-proven')
  t.match(state, { mode: 'recovering', incidentAttempts: 2 })
  t.equal(state.attempts.length, 1)
})

t.test('observing acts never', async (t) => {
  const story = new Story({ mode: 'observe' })
  for (let failure = 0; failure < 20; failure += 1) {
    t.notOk(story.tell('failure-proven').effects.includes('start-recovery'))
    t.notOk(story.tell('operator-stop-observed', LIMITS.operatorStop.graceMs).effects.includes('start-recovery'))
  }
})

t.test('attempts are counted across a reboot by the wall clock', async (t) => {
  const story = new Story()
  story.tell('failure-proven')
  story.now = { bootId: 'boot-2', monotonicMs: 5_000, wallMs: story.now.wallMs + 60_000 }
  story.tell('daemon-started')
  t.equal(story.state.attempts.length, 1)
  story.now = { ...story.now, wallMs: story.now.wallMs + LIMITS.windowMs }
  story.tell('recovery-succeeded')
  t.equal(story.state.attempts.length, 0)
})

t.test('whatever happens in whatever order, the promises hold', async () => {
  const event = fc.constantFrom<EventType | Event>(...EVENT_TYPES, CROWDED)
  const script = fc.array(fc.tuple(event, fc.integer({ min: 1, max: 600_000 })), { maxLength: 200 })
  fc.assert(
    fc.property(script, (steps) => {
      const story = new Story()
      for (const [told, laterMs] of steps) {
        const { before, state, effects } = story.tell(told, laterMs)
        const type = typeof told === 'string' ? told : told.type
        const { attempts } = budgetOf(state, state.plan)
        const starts = effects.includes('start-recovery')
        if (starts && before.mode === 'paused') return false
        if (starts && before.mode === 'exhausted' && type !== 'recovery-requested') return false
        if (starts && attempts.length > LIMITS.attempts && type !== 'recovery-requested') return false
        if (starts && attempts.at(-1) !== story.now) return false
        if (starts && ['person-needed', 'healing-observed', 'probes-passed'].includes(type)) return false
        if ((state.mode === 'recovering') !== (starts || before.mode === 'recovering') && state.mode === 'recovering') return false
        if (state.mode === 'healthy' && state.incidentId !== null) return false
        if (['recovering', 'suspect', 'waiting'].includes(state.mode) && before.mode === 'healthy' && state.incidentId === null)
          return false
      }
      return true
    }),
    { numRuns: 2_000 },
  )
})
