import { build } from 'esbuild'
import type { BuildOptions, Metafile, Plugin } from 'esbuild'
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadedAtStart } from './loaded-at-start.ts'
import { thirdPartyNotices } from './third-party-notices.ts'

const ROOT = join(import.meta.dirname, '..')
const PROGRAM = 'dist/pgwatchd.cjs'
const PACKAGE = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }

/** CommonJS has no `import.meta.url`; node-cron resolves a file from it when it is loaded. */
const IMPORT_META_URL = 'const __importMetaUrl=require("node:url").pathToFileURL(__filename).href;'

/** Only loaded by ways of these packages that pgwatchd does not go: a native driver, an abstract socket, a bus over a pipe. */
const NEVER_LOADED = ['pg-native', 'pg-cloudflare', 'cloudflare:sockets', 'abstract-socket', 'event-stream', 'x11']

/**
 * Evaluated as soon as a package is that needs them only for ways that pgwatchd does not go: pino's log in another thread, and
 * the introspection of a bus. Together they cost a megabyte, so something that cannot be used stands for each.
 */
const LEFT_OUT = ['thread-stream', 'worker_threads', 'xml2js']

/** What stands for one of them; pino asks whether this is the main thread. */
function standIn(name: string): string {
  const why = `${name} is left out of pgwatchd's program: scripts/build.ts`
  return `module.exports=class{static isMainThread=true;constructor(){throw new Error(${JSON.stringify(why)})}}`
}

const leaveOut: Plugin = {
  name: 'leave-out',
  setup(build) {
    build.onResolve({ filter: new RegExp(`^(?:node:)?(?:${LEFT_OUT.join('|')})$`) }, ({ path }) => ({ path, namespace: 'left-out' }))
    build.onLoad({ filter: /./, namespace: 'left-out' }, ({ path }) => ({ contents: standIn(path), loader: 'js' }))
  },
}

/** Each costs megabytes; they are imported where they are first needed. */
const LOADED_WHEN_NEEDED = ['@homebridge/dbus-native', 'execa', 'node-cron', 'nodemailer', 'systemd-notify']

/** The large ones of them that an idle watch never needs lie in files of their own: even the text of a program takes memory. */
const LOADED_FROM_BESIDE = ['execa', 'nodemailer']

const leaveBeside: Plugin = {
  name: 'leave-beside',
  setup(build) {
    build.onResolve({ filter: new RegExp(`^(?:${LOADED_FROM_BESIDE.join('|')})$`) }, ({ path, kind }) =>
      kind === 'dynamic-import' ? { path: `./${path}.cjs`, external: true } : undefined,
    )
  },
}

/** The commit that the program is built from; empty outside a checkout. */
function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
      cwd: ROOT,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  } catch {
    return ''
  }
}

const COMMON = {
  absWorkingDir: ROOT,
  bundle: true,
  minify: true,
  metafile: true,
  platform: 'node',
  target: 'node24',
  format: 'cjs',
  legalComments: 'none',
  logLevel: 'warning',
} as const satisfies BuildOptions

/** What is imported when needed stays evaluated only then; an `import()` that became a `require` needs no second loader. */
async function bundle(): Promise<Metafile> {
  const result = await build({
    ...COMMON,
    entryPoints: ['src/main.ts'],
    outfile: PROGRAM,
    external: NEVER_LOADED,
    supported: { 'dynamic-import': false },
    plugins: [leaveOut, leaveBeside],
    banner: { js: `#!/usr/bin/env node\n${IMPORT_META_URL}` },
    define: {
      'import.meta.url': '__importMetaUrl',
      PGWATCHD_VERSION: JSON.stringify(PACKAGE.version),
      PGWATCHD_COMMIT: JSON.stringify(commit()),
    },
  })
  return result.metafile
}

async function bundleBeside(name: string): Promise<Metafile> {
  const result = await build({ ...COMMON, entryPoints: [name], outfile: `dist/${name}.cjs` })
  return result.metafile
}

function sumOfBytes(metafiles: readonly Metafile[]): number {
  return metafiles.flatMap(({ outputs }) => Object.values(outputs)).reduce((sum, { bytes }) => sum + bytes, 0)
}

mkdirSync(join(ROOT, 'dist'), { recursive: true })
const program = await bundle()
const metafiles = [program, ...(await Promise.all(LOADED_FROM_BESIDE.map(bundleBeside)))]
const inputs = metafiles.flatMap((metafile) => Object.keys(metafile.inputs))
writeFileSync(join(ROOT, 'dist/THIRD-PARTY-NOTICES'), thirdPartyNotices([...new Set(inputs)]))
const early = loadedAtStart(program, 'src/main.ts').filter((name) => LOADED_WHEN_NEEDED.includes(name))
if (early.length > 0) throw new Error(`loaded at start, not when needed: ${early.join(', ')}`)
console.log(`${PROGRAM}: pgwatchd ${PACKAGE.version}, ${Math.round(sumOfBytes(metafiles) / 1024)} KiB`)
