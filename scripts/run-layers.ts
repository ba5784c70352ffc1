import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { listLayers, type Check, type Layer } from './layers.ts'
import { renderSummary, type LayerResult } from './lib/report.ts'
import { endAllPrograms, runProgram, type Ended } from './lib/run-program.ts'
import { readTap, type TapCounts, type TapResult } from './lib/tap-output.ts'

const LOG_DIRECTORY = '.tap/layers'
const SHOWN_LINES = 300
const STRICT = process.env['CI'] === 'true'
const NOTHING: TapCounts = { passed: 0, failed: 0, skipped: 0 }

const { values: options } = parseArgs({
  options: {
    full: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [] },
    file: { type: 'string', default: '' },
  },
})

let interrupted = false
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    interrupted = true
    endAllPrograms()
  })
}

const layers = chooseLayers()
if (options.list) printLayers()
else process.exitCode = await runAll()

function chooseLayers(): readonly Layer[] {
  const all = listLayers()
  const unknown = options.only.filter((name) => !all.some((layer) => layer.name === name))
  if (unknown.length > 0) {
    process.stderr.write(`No such layer: ${unknown.join(', ')}. The layers are ${all.map((layer) => layer.name).join(', ')}.\n`)
    process.exit(2)
  }
  return all
    .filter((layer) => options.only.length === 0 || options.only.includes(layer.name))
    .map((layer) => ({ ...layer, files: layer.files.filter((file) => file.includes(options.file)) }))
    .filter((layer) => options.file === '' || layer.files.length > 0)
}

function printLayers(): void {
  for (const layer of layers) {
    print(layer.obstacle === '' ? layer.name : `${layer.name} (cannot run here: ${layer.obstacle})`)
    for (const check of layer.checks) print(`  ${check.argv.join(' ')}`)
    for (const file of layer.files) print(`  ${file}`)
  }
}

async function runAll(): Promise<number> {
  const results: LayerResult[] = []
  for (const layer of layers) {
    if (!interrupted) results.push(await runLayer(layer))
  }
  print(`\n${renderSummary(results)}`)
  return interrupted || results.some((result) => result.failed > 0) ? 1 : 0
}

async function runLayer(layer: Layer): Promise<LayerResult> {
  print(`\n${layer.name}`)
  const startedMs = performance.now()
  const counts = layer.obstacle === '' ? await runParts(layer) : cannotRun(layer)
  return {
    name: layer.name,
    ...(STRICT ? { ...counts, failed: counts.failed + counts.skipped, skipped: 0 } : counts),
    tookMs: performance.now() - startedMs,
    note: layer.obstacle !== '' ? `cannot run here: ${layer.obstacle}` : isEmpty(layer) ? 'has no tests' : '',
  }
}

function cannotRun(layer: Layer): TapCounts {
  print(`  cannot run here: ${layer.obstacle}`)
  return { ...NOTHING, skipped: Math.max(1, layer.files.length) }
}

/** A layer whose pattern finds nothing would look as good as one that passed. */
function isEmpty(layer: Layer): boolean {
  return layer.checks.length + layer.files.length === 0
}

/** Runs checks one after the other, and files as many at a time as the layer says. */
async function runParts(layer: Layer): Promise<TapCounts> {
  if (isEmpty(layer)) return { ...NOTHING, failed: 1 }
  const parts = [...layer.checks.map((check) => () => runCheck(layer, check)), ...layer.files.map((file) => () => runFile(layer, file))]
  let total = NOTHING
  const worker = async (): Promise<void> => {
    for (let part = parts.shift(); part !== undefined && !interrupted; part = parts.shift()) {
      const counts = await part()
      total = add(total, counts)
    }
  }
  await Promise.all(Array.from({ length: layer.jobs }, worker))
  return total
}

async function runCheck(layer: Layer, check: Check): Promise<TapCounts> {
  const logFile = `${LOG_DIRECTORY}/${layer.name}/${check.name}.log`
  const ended = await runProgram({ argv: check.argv, environment: layer.environment, timeoutMs: layer.timeoutMs, logFile })
  const passed = ended.exitCode === 0
  const counts = passed ? { ...NOTHING, passed: 1 } : { ...NOTHING, failed: 1 }
  report(check.name, counts, ended, passed ? [] : readFileSync(logFile, 'utf8').split('\n'), logFile)
  return counts
}

async function runFile(layer: Layer, file: string): Promise<TapCounts> {
  const logFile = `${LOG_DIRECTORY}/${layer.name}/${file}.tap`
  const environment = {
    ...layer.environment,
    TAP_TIMEOUT: String(layer.timeoutMs / 1000),
    ...(options.full ? { PGWATCHD_TEST_FULL: '1' } : {}),
  }
  const ended = await runProgram({ argv: ['node', file], environment, timeoutMs: layer.timeoutMs, logFile })
  const result: TapResult = readTap(readFileSync(logFile, 'utf8'), ended.exitCode, ended.timedOut)
  report(file, result, ended, result.failures, logFile)
  return result
}

function report(name: string, counts: TapCounts, ended: Ended, failures: readonly string[], logFile: string): void {
  const word = counts.failed > 0 ? 'FAIL' : 'ok  '
  const numbers = `${String(counts.passed)} passed, ${String(counts.failed)} failed, ${String(counts.skipped)} skipped`
  print(`  ${word} ${name}  ${numbers}, ${(ended.tookMs / 1000).toFixed(1)} s`)
  for (const line of failures.slice(0, SHOWN_LINES)) print(`       ${line}`)
  if (failures.length > SHOWN_LINES) print(`       … ${String(failures.length - SHOWN_LINES)} more lines in ${logFile}`)
}

function add(left: TapCounts, right: TapCounts): TapCounts {
  return { passed: left.passed + right.passed, failed: left.failed + right.failed, skipped: left.skipped + right.skipped }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
