/** How long backups take and what they cost those who work: `npm run bench:backup`. */
import { parseArgs } from 'node:util'
import { makeBackupStage, type BackupStage } from './bench/backup/ground.ts'
import { measureLogical } from './bench/backup/logical.ts'
import { measurePhysical } from './bench/backup/physical.ts'
import { measureDrill, measureSwap } from './bench/backup/restore.ts'
import { exitOnSignals, measureParts } from './bench/measure-parts.ts'
import type { Measurement } from './bench/measurement.ts'

const HELP = `usage: npm run bench:backup -- [--size MB] [--only logical|physical|drill|swap]... [--json]

Makes a throwaway cluster with a database of that size, and measures backups, drills and a restore against what one would do
without pgwatchd, in turn on the same machine. Prints a table: value, bar, pass or FAIL. Needs PostgreSQL 15, and some eight times
the size of the database where temporary files are kept.

  --size MB     of the database; default 1024
  --only PART   one of the parts; may be given again
  --json        one JSON object instead of the table

Exit code: 0 when every bar is met, 1 when one is missed, 2 when something could not be measured, 64 for a wrong command line.
`

const PARTS: Readonly<Record<string, (stage: BackupStage) => Promise<readonly Measurement[]>>> = {
  logical: measureLogical,
  physical: measurePhysical,
  drill: measureDrill,
  swap: measureSwap,
}

function refuse(why: string): never {
  process.stderr.write(`${why}\n\n${HELP}`)
  process.exit(64)
}

function readOptions() {
  const options = { size: { type: 'string', default: '1024' }, only: { type: 'string', multiple: true } } as const
  const flags = { json: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } } as const
  try {
    const { values } = parseArgs({ options: { ...options, ...flags } })
    if (values.help) {
      process.stdout.write(HELP)
      process.exit(0)
    }
    const [sizeMb, parts] = [Number(values.size), values.only ?? Object.keys(PARTS)]
    if (!(sizeMb >= 1)) refuse(`--size ${values.size}: expected a number of MB, 1 or more`)
    for (const part of parts) if (!(part in PARTS)) refuse(`--only ${part}: there is no such part`)
    return { sizeMb, parts, json: values.json }
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error))
  }
}

async function main(): Promise<number> {
  const { sizeMb, parts, json } = readOptions()
  exitOnSignals()
  process.stderr.write(`filling a database with ${sizeMb} MB ...\n`)
  const stage = await makeBackupStage(sizeMb)
  try {
    return await measureParts(
      parts.map((name) => [name, async () => (await PARTS[name]?.(stage)) ?? []]),
      json,
    )
  } finally {
    await stage.remove()
  }
}

process.exit(await main())
