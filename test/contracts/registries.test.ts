import { existsSync, globSync, readFileSync } from 'node:fs'
import t from 'tap'
import { OPTIONS } from '../../src/config/options/index.ts'
import { PROVIDERS } from '../../src/jobs/backup/providers/index.ts'
import { COMMANDS } from '../../src/cli/index.ts'
import { PROBE_OPTIONS } from '../../src/config/options/probes.ts'
import { CAUSES } from '../../src/core/cause.ts'
import { DIAGNOSES } from '../../src/core/diagnoses/index.ts'
import { PROBE_NAMES } from '../../src/core/reading.ts'
import { JOBS } from '../../src/jobs/index.ts'
import { JOB_NAMES } from '../../src/jobs/job.ts'
import { PROBES } from '../../src/probes/index.ts'
import { STEPS } from '../../src/recovery/index.ts'
import { CHANGE_KINDS } from '../../src/recovery/changes/index.ts'
import { LADDERS } from '../../src/recovery/remedies/index.ts'
import { COSTS } from '../../src/recovery/remedies/remedy.ts'
import { STEP_NAMES } from '../../src/recovery/step.ts'

const SENTENCE_LENGTH = 160

t.test('probes', async (t) => {
  t.strictSame(
    PROBES.map((probe) => probe.name),
    PROBE_NAMES,
    'each is listed once, in the order of its name',
  )
  for (const probe of PROBES) {
    await t.test(probe.name, async (t) => {
      t.ok(existsSync(`src/probes/${probe.name}.ts`), 'has a file of its own')
      t.ok(isSentence(probe.question) && probe.question.endsWith('?'), 'asks one question')
      t.ok(`probes.timeout.${probe.name}` in PROBE_OPTIONS, 'has a timeout of its own')
      t.match(readFileSync(`docs/probes/${probe.name}.md`, 'utf8'), probe.question, 'is documented with its question')
    })
  }
})

t.test('steps of the pipeline', async (t) => {
  t.strictSame(
    STEPS.map((step) => step.name),
    STEP_NAMES,
    'each is listed once, in the order of the pipeline',
  )
  for (const step of STEPS) {
    await t.test(step.name, async (t) => {
      t.ok(existsSync(`src/recovery/steps/${step.name}.ts`), 'has a file of its own')
      t.ok(isSentence(step.purpose), 'says in one sentence what it ensures')
      t.not(step.changes, '', 'says what it changes')
      t.ok(typeof step.undo === 'function' || step.undo.impossible !== '', 'can be undone, or says why not')
      t.ok(existsSync(`docs/recovery/${step.name}.md`), 'is documented')
    })
  }
})

t.test('jobs', async (t) => {
  t.strictSame(
    JOBS.map((job) => job.name),
    JOB_NAMES,
    'each is listed once',
  )
  for (const job of JOBS) {
    t.ok(existsSync(`src/jobs/${job.name}.ts`), `${job.name} has a file of its own`)
    t.ok(isSentence(job.purpose), `${job.name} says in one sentence what it is for`)
  }
})

t.test('commands', async (t) => {
  const names = COMMANDS.map((entry) => entry.name)
  t.strictSame([...new Set(names)], names, 'each is listed once')
  const manual = readFileSync('docs/pgwatchd.8', 'utf8').replaceAll('\\', '')
  for (const entry of COMMANDS) {
    await t.test(entry.name, async (t) => {
      const { command } = await entry.load()
      t.equal(command.name, entry.name)
      t.ok(existsSync(`src/cli/commands/${command.name.replace(' ', '/')}.ts`), 'has a file of its own')
      t.ok(isSentence(command.summary), 'has a summary of one sentence')
      t.ok(command.description.length + command.examples.length > 0, 'is described')
      t.ok(manual.includes(command.name), 'is in the manual')
    })
  }
})

t.test('diagnoses', async (t) => {
  const names = DIAGNOSES.map((diagnosis) => diagnosis.name)
  t.strictSame([...new Set(names)], names, 'each is listed once')
  t.strictSame(
    names.filter((name) => !(CAUSES as readonly string[]).includes(name)),
    [],
    'each is named as its cause',
  )
})

t.test('remedies', async (t) => {
  const ladders = Object.entries(LADDERS)
  const listed = ladders.flatMap(([, ladder]) => ladder.remedies.map((remedy) => remedy.name))
  t.strictSame([...new Set(listed)], listed, 'each is listed once')
  for (const [cause, ladder] of ladders) {
    await t.test(cause, async (t) => {
      t.equal(ladder.cause, cause, 'is the ladder of its cause')
      const costs = ladder.remedies.map((remedy) => COSTS.indexOf(remedy.cost))
      t.strictSame(
        costs,
        costs.toSorted((one, other) => one - other),
        'no remedy stands before one that costs less',
      )
      for (const remedy of ladder.remedies) {
        t.equal(globSync(`src/recovery/remedies/*/${remedy.name}.ts`).length, 1, `${remedy.name} has a file of its own`)
        for (const fact of ['purpose', 'changes', 'keeps', 'undo', 'proof'] as const)
          t.ok(isSentence(remedy[fact]), `${remedy.name} says its ${fact} in one clause`)
      }
    })
  }
})

t.test('kinds of changes', async (t) => {
  for (const [name, kind] of Object.entries(CHANGE_KINDS)) t.equal(kind.kind, name, `${name} is listed under its own name`)
})

function isSentence(text: string): boolean {
  return /^\S/.test(text) && !/\n|\. /.test(text) && text.length <= SENTENCE_LENGTH
}

t.test('every kind of backup that can be configured can be made', async (t) => {
  const offered = OPTIONS['backup.kind'].choices.filter((kind) => kind !== 'none')
  t.strictSame(offered, Object.keys(PROVIDERS))
})
