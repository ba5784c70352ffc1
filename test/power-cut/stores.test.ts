import t from 'tap'
import { runIsolated } from '../support/namespaces.ts'
import { recordFigures } from '../support/reliability.ts'
import { FILE_SYSTEMS } from './support/loop-volume.ts'
import { PROTOCOLS, type Protocol } from './support/protocol.ts'
import type { CutRequest, CutResult } from './support/request.ts'
import { STORES } from './support/stores/index.ts'

const FULL = process.env['PGWATCHD_TEST_FULL'] === '1'
const SEED = Number(process.env['PGWATCHD_TEST_SEED'] ?? 1)
const CUTS: Readonly<Record<Protocol, number>> = FULL
  ? { right: 100, 'no-directory-sync': 20, 'no-sync': 20 }
  : { right: 6, 'no-directory-sync': 4, 'no-sync': 2 }
const AT_A_TIME = 2
const TIMEOUT_MS = 600_000

t.setTimeout(FULL ? 7_200_000 : 600_000)

const requests: readonly CutRequest[] = PROTOCOLS.flatMap((protocol) =>
  FILE_SYSTEMS.flatMap((fileSystem) => STORES.map(({ name }) => ({ fileSystem, store: name, protocol, cuts: CUTS[protocol], seed: SEED }))),
)
const done: { readonly request: CutRequest; readonly results: readonly CutResult[] }[] = []
const waiting = [...requests]
await Promise.all(Array.from({ length: AT_A_TIME }, work))
recordFigures('power-cut-stores', `./scripts/test${FULL ? ' --full' : ''} --only power-cut`, done.map(figureOf))

async function work(): Promise<void> {
  for (let request = waiting.shift(); request !== undefined; request = waiting.shift()) done.push({ request, results: await cut(request) })
}

async function cut(request: CutRequest): Promise<readonly CutResult[]> {
  const argv = [process.execPath, `${import.meta.dirname}/support/cuts.ts`, JSON.stringify(request)]
  const { stdout } = await runIsolated(argv, { timeoutMs: TIMEOUT_MS })
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as readonly CutResult[]
}

for (const { request, results } of done.filter(({ request }) => request.protocol === 'right')) {
  t.test(`no acknowledged ${request.store} is lost or torn on ${request.fileSystem}`, async (t) => {
    t.equal(results.length, request.cuts)
    t.strictSame(
      results.filter(({ lost, torn }) => lost || torn),
      [],
      `seed ${String(SEED)}`,
    )
  })
}

for (const protocol of PROTOCOLS.filter((each) => each !== 'right')) {
  for (const fileSystem of FILE_SYSTEMS) {
    t.test(`the same cuts find what a program without durable writes loses: ${protocol} on ${fileSystem}`, async (t) => {
      const cuts = done.filter(({ request }) => request.protocol === protocol && request.fileSystem === fileSystem)
      const losses = cuts.flatMap(({ results }) => results).filter(({ lost, torn }) => lost || torn)
      t.ok(losses.length > 0, `${String(losses.length)} cuts lost something`)
    })
  }
}

function figureOf({ request, results }: (typeof done)[number]): object {
  return {
    kind: request.store,
    fileSystem: request.fileSystem,
    protocol: request.protocol,
    seed: request.seed,
    full: FULL,
    cuts: results.length,
    lost: results.filter(({ lost }) => lost).length,
    torn: results.filter(({ torn }) => torn).length,
    acknowledged: results.reduce((sum, { acknowledged }) => sum + acknowledged, 0),
  }
}
