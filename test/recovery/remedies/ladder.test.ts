import t from 'tap'
import type { LadderDefinition } from '../../../src/recovery/remedies/ladder.ts'
import { defineLadder } from '../../../src/recovery/remedies/ladder.ts'
import type { Remedy, RemedyResult } from '../../../src/recovery/remedies/remedy.ts'
import type { Check, StepContext } from '../../../src/recovery/step.ts'
import { makeFakeGround } from '../fake-ground.ts'

const SIGNAL = new AbortController().signal
const RUN: Check = { go: 'run', because: 'it may help' }

/** A remedy that ends as told, and writes what it does to `taken`. */
function remedy(name: string, taken: string[], result: RemedyResult<string>, check: Check = RUN): Remedy<string> {
  return {
    name,
    purpose: 'p',
    changes: 'c',
    keeps: 'k',
    undo: 'u',
    proof: 'p',
    cost: 'nothing',
    precondition: async () => check,
    async run(_, subject) {
      taken.push(`run ${name} on ${subject}`)
      return result
    },
  }
}

function contextWith(taken: string[]): StepContext {
  const { ground } = makeFakeGround()
  return {
    ...ground,
    recall: () => ({ earlier: 1 }),
    note: async (data) => void taken.push(`note ${String(data['remedy'])} ${String(data['target'])} ${String(data['earlier'])}`),
  }
}

function ladderOf(remedies: readonly Remedy<string>[], targets: readonly string[] = ['one']) {
  const definition: LadderDefinition<string> = {
    cause: 'slow',
    step: 'apply-remedies',
    findTargets: async () => targets.map((name) => ({ name, subject: name })),
    remedies,
  }
  return defineLadder(definition)
}

t.test('the first remedy that proves its success is the last one taken, and each is noted before', async (t) => {
  const taken: string[] = []
  const ladder = ladderOf([
    remedy('a', taken, { ended: 'not-mended', why: 'too weak', did: ['tried a'] }),
    remedy('b', taken, { ended: 'mended', did: ['did b'] }),
    remedy('c', taken, { ended: 'mended', did: ['did c'] }),
  ])
  const climbed = await ladder.climb(contextWith(taken), SIGNAL)
  t.strictSame(climbed, { did: ['tried a', 'did b'], notDone: ['a: too weak'], unmended: [] })
  t.strictSame(taken, ['note a one 1', 'run a on one', 'note b one 1', 'run b on one'])
})

t.test('what one remedy leaves is the subject of the next', async (t) => {
  const taken: string[] = []
  const ladder = ladderOf([
    remedy('a', taken, { ended: 'partly', left: 'the rest', did: [] }),
    remedy('b', taken, { ended: 'not-mended', why: 'no', did: [] }),
  ])
  const climbed = await ladder.climb(contextWith(taken), SIGNAL)
  t.ok(taken.includes('run b on the rest'))
  t.strictSame(climbed.unmended, ['one'])
})

t.test('a remedy that stops, or leaves it to a person, ends the ladder of that target alone', async (t) => {
  const taken: string[] = []
  const never = remedy('never', taken, { ended: 'mended', did: [] })
  const stopping = ladderOf([remedy('a', taken, { ended: 'mended', did: [] }, { go: 'stop', because: 'unsafe', held: true }), never])
  t.strictSame(await stopping.climb(contextWith(taken), SIGNAL), { did: [], notDone: ['one: unsafe'], unmended: ['one'] })
  const leaving = ladderOf([remedy('b', taken, { ended: 'left-to-person', why: 'lost', did: [] }), never], ['one', 'two'])
  t.strictSame((await leaving.climb(contextWith(taken), SIGNAL)).unmended, ['one', 'two'])
  t.notOk(taken.some((line) => line.startsWith('run never')))
})

t.test('a plan asks and changes nothing', async (t) => {
  const taken: string[] = []
  const ladder = ladderOf([
    remedy('a', taken, { ended: 'mended', did: [] }, { go: 'skip', because: 'not needed' }),
    remedy('b', taken, { ended: 'mended', did: [] }),
  ])
  const planned = await ladder.plan(contextWith(taken), SIGNAL)
  t.match(planned, [
    { name: 'a', target: 'one', go: 'skip', because: 'not needed' },
    { name: 'b', go: 'run' },
  ])
  t.strictSame(taken, [])
})
