import t from 'tap'
import type { DamagedRelation } from '../../../../src/recovery/damage/damaged-relation.ts'
import { keepPageImages } from '../../../../src/recovery/remedies/damaged/keep-page-images.ts'
import { withinLimits } from '../../../../src/recovery/remedies/damaged/within-limits.ts'
import type { Remedy, RemedyResult } from '../../../../src/recovery/remedies/remedy.ts'
import type { StepContext } from '../../../../src/recovery/step.ts'
import { DATA, makeFakeGround } from '../../fake-ground.ts'

const signal = new AbortController().signal
const SUBJECT: DamagedRelation = {
  file: { path: 'base/5/7', databaseOid: 5, tablespaceOid: 0, filenode: 7, fork: 'main' },
  relation: undefined,
  unknownWhy: 'nobody answers',
  damages: [],
  pages: [],
}

function limited(run: Remedy<DamagedRelation>['run']): Remedy<DamagedRelation> {
  return withinLimits({ ...keepPageImages, run })
}

const untilAborted = limited(
  (...[, , inner]) => new Promise((_, reject) => inner.addEventListener('abort', () => reject(inner.reason as Error))),
)

function served() {
  const fakes = makeFakeGround()
  fakes.processes.putPostgres(DATA, { pid: 900 })
  const context: StepContext = { ...fakes.ground, recall: () => undefined, note: async () => undefined }
  return { ...fakes, context }
}

t.test('a remedy has a limit of time, and is left to a person when that is over', async (t) => {
  const { context, clock } = served()
  const tooLong = untilAborted.run(context, SUBJECT, signal)
  await clock.advance(61_000)
  t.match(await tooLong, { ended: 'left-to-person', why: /base\/5\/7 was not mended by keep-page-images within 60 s/ })
  t.equal(clock.pendingTimers(), 0)
})

t.test('it ends when the server goes down', async (t) => {
  const { context, clock, processes } = served()
  const broken = t.rejects(untilAborted.run(context, SUBJECT, signal), /the server went down meanwhile/)
  clock.after(3_000, () => (processes.end(900), void processes.putPostgres(DATA, { pid: 950 })))
  await clock.advance(5_000)
  await broken
})

t.test('what ends in time is passed on', async (t) => {
  const result: RemedyResult<DamagedRelation> = { ended: 'mended', did: ['it'] }
  t.same(await limited(async () => result).run(served().context, SUBJECT, signal), result)
})
