/** What the watch costs and how fast it is, over a real cluster: `npm run bench`. */
import { parseArgs } from 'node:util'
import { measureCrash } from './bench/crash.ts'
import { measureIdle } from './bench/idle.ts'
import { exitOnSignals, measureParts } from './bench/measure-parts.ts'
import type { Measurement } from './bench/measurement.ts'
import { measureSize } from './bench/size.ts'
import { makeStage } from './bench/stage.ts'
import type { Stage } from './bench/stage.ts'
import { measureStart } from './bench/start.ts'
import { measureIdleUnderSystemd } from './bench/systemd.ts'
import { systemObstacle } from './layers.ts'

const HELP = `usage: npm run bench -- [--minutes N] [--only crash|idle|systemd|start|size]... [--json]

Measures the built program over a throwaway cluster, and the installed package under a booted systemd, and prints a table: value,
bar, pass or FAIL. Needs gcc, binutils and PostgreSQL 15; as root, PostgreSQL and pgwatchd run as the user postgres. The part
systemd needs root and systemd-nspawn; PGWATCHD_TEST_RELEASE=trixie boots Debian 13 instead of 12.

  --minutes N   how long the idle daemon is watched; default 5
  --only PART   one of the parts; may be given again
  --json        one JSON object instead of the table

Exit code: 0 when every bar is met, 1 when one is missed, 2 when something could not be measured, 64 for a wrong command line.
`

/** Each measures one aspect; in the order of the table. The cluster is made when the first of them asks for it. */
const PARTS: Readonly<Record<string, (stage: () => Promise<Stage>, minutes: number) => Promise<readonly Measurement[]>>> = {
  crash: async (stage) => measureCrash(await stage()),
  idle: async (stage, minutes) => measureIdle(await stage(), minutes),
  systemd: async (_stage, minutes) => {
    if (systemObstacle() !== '') throw new Error(systemObstacle())
    return measureIdleUnderSystemd(minutes)
  },
  start: async (stage) => measureStart(await stage()),
  size: async (stage) => measureSize(await stage()),
}

interface Options {
  readonly minutes: number
  readonly parts: readonly string[]
  readonly json: boolean
}

function refuse(why: string): never {
  process.stderr.write(`${why}\n\n${HELP}`)
  process.exit(64)
}

function readOptions(): Options {
  const options = {
    minutes: { type: 'string', default: '5' },
    only: { type: 'string', multiple: true },
    json: { type: 'boolean', default: false },
  } as const
  try {
    const { values } = parseArgs({ options: { ...options, help: { type: 'boolean', default: false } } })
    if (values.help) {
      process.stdout.write(HELP)
      process.exit(0)
    }
    const minutes = Number(values.minutes)
    const parts = values.only ?? Object.keys(PARTS)
    if (!(minutes > 0)) refuse(`--minutes ${values.minutes}: expected a number greater than 0`)
    for (const part of parts) if (!(part in PARTS)) refuse(`--only ${part}: there is no such part`)
    return { minutes, parts, json: values.json }
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error))
  }
}

async function main(): Promise<number> {
  const { parts, minutes, json } = readOptions()
  exitOnSignals()
  let made: Promise<Stage> | undefined
  const stage = (): Promise<Stage> => (made ??= makeStage())
  try {
    return await measureParts(
      parts.map((name) => [name, async () => (await PARTS[name]?.(stage, minutes)) ?? []]),
      json,
    )
  } finally {
    await made?.then(
      (stageMade) => stageMade.remove(),
      () => undefined,
    )
  }
}

process.exit(await main())
