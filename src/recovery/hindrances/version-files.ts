import type { Hindrance } from '../../core/hindrance.ts'
import { majorVersionOf } from '../../core/postgres/major-version.ts'
import type { Finder, Inspected } from './ground.ts'
import { modesFor, unstartable } from './ground.ts'

const WELL_FORMED = /^\d+\s*$/
const DATABASES_AT_MOST = 1_000

/** `PG_VERSION` of the data directory and of each database: a line with the major version and nothing else. */
export const findVersionFiles: Finder = async (ground) => {
  const expected = await expectedVersion(ground)
  const paths = ['PG_VERSION', ...(await databaseDirectories(ground)).map((name) => `${name}/PG_VERSION`)]
  const judged = await Promise.all(paths.map((path) => judge(ground, path, expected)))
  return judged.flatMap((hindrance) => hindrance ?? [])
}

/** The version that `pg_control`, the programs and every other `PG_VERSION` agree on; `undefined` where they do not. */
async function expectedVersion(ground: Inspected): Promise<number | undefined> {
  const { cluster, controlFile } = ground
  const byCatalog = majorVersionOf(controlFile?.catalogVersion ?? 0)
  const others = await Promise.all((await databaseDirectories(ground)).map((name) => read(ground, `${name}/PG_VERSION`)))
  const told = others.filter((text) => WELL_FORMED.test(text ?? '')).map(Number)
  const agrees = byCatalog === cluster.majorVersion && told.length > 0 && told.every((version) => version === byCatalog)
  return agrees ? byCatalog : undefined
}

async function judge(ground: Inspected, path: string, expected: number | undefined): Promise<Hindrance | undefined> {
  const { cluster, directory } = ground
  const text = await read(ground, path)
  const place = `${cluster.dataDirectory}/${path}`
  if (WELL_FORMED.test(text ?? ''))
    return Number(text) === cluster.majorVersion || cluster.majorVersion === 0 ? undefined : wrong(ground, place, text ?? '')
  const sentence = text === undefined ? `${path} is missing` : `${path} does not hold a version`
  const commands = [{ shell: `echo ${cluster.majorVersion} | sudo -u postgres tee ${place}` }]
  if (expected === undefined)
    return unstartable(place, sentence, {
      evidence: ['pg_control, the programs and the other PG_VERSION files do not agree on one'],
      commands,
    })
  const evidence = [`pg_control, the programs and every other PG_VERSION say ${expected}`]
  return unstartable(place, sentence, {
    evidence,
    commands,
    mend: { kind: 'write-file', content: `${expected}\n`, mode: modesFor(directory).file },
  })
}

function wrong({ cluster }: Inspected, place: string, text: string): Hindrance {
  return unstartable(place, `${place} says ${text.trim()}, and the programs are those of ${cluster.majorVersion}`, {
    evidence: [`an upgrade may have been begun, or ${cluster.binaryDirectory} is not where the programs of this cluster are`],
    commands: [{ shell: `ls -d /usr/lib/postgresql/*/bin; sudo cat ${place}` }],
  })
}

/** Those that hold the map of a database: what a killed CREATE DATABASE has left may hold none. */
async function databaseDirectories({ cluster, outside: { files } }: Inspected): Promise<readonly string[]> {
  const names = ((await files.list(`${cluster.dataDirectory}/base`)) ?? []).filter((name) => /^\d+$/.test(name)).slice(0, DATABASES_AT_MOST)
  const maps = await Promise.all(names.map((name) => files.status(`${cluster.dataDirectory}/base/${name}/pg_filenode.map`)))
  return names.filter((_, index) => maps[index] !== undefined).map((name) => `base/${name}`)
}

function read({ cluster, outside }: Inspected, path: string): Promise<string | undefined> {
  return outside.files.readText(`${cluster.dataDirectory}/${path}`, { maxBytes: 64 })
}
