import { posix } from 'node:path'
import type { Files, FileStatus } from '../ports/files.ts'
import { OutsideError } from '../ports/outside-error.ts'
import type { SecretSource } from './config.ts'

const LONGEST_SECRET = 4096

/** What secrets are read through. */
export interface SecretGround {
  readonly files: Files
  /** The process's environment, of which `CREDENTIALS_DIRECTORY` names systemd's credentials. */
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** A password (`undefined`: none is configured), or why there is none. `why` never holds the password or a part of it. */
export type Secret =
  | { readonly ok: true; readonly value: string | undefined }
  | { readonly ok: false; readonly why: string; readonly hint: string }

/** Reads a password from where the configuration says it is. Never rejects for what an operator can mend. */
export async function readSecret(source: SecretSource, ground: SecretGround): Promise<Secret> {
  if (source.file !== undefined) return await readSecretFile(ground.files, source.file)
  if (source.credential !== undefined) return await readCredential(ground, source.credential)
  if (source.environment !== undefined) return readVariable(ground, source.environment)
  return { ok: true, value: undefined }
}

async function readSecretFile(files: Files, path: string): Promise<Secret> {
  return await explainFailure(path, async () => {
    const { real, status } = await followLink(files, path)
    const name = `the password file ${path}`
    if (status === undefined) return refuse(`${name} does not exist`, 'write it, with mode 0640 and group postgres')
    if (status.kind !== 'file') return refuse(`${name} is not a regular file`, 'name a regular file')
    if ((status.mode & 0o007) !== 0) return refuse(`everybody may use ${name}`, `run chmod o= ${path}, then change the password`)
    return await readContent(files, real, name)
  })
}

async function followLink(files: Files, path: string): Promise<{ readonly real: string; readonly status: FileStatus | undefined }> {
  const status = await files.status(path)
  if (status?.kind !== 'link') return { real: path, status }
  const real = await files.resolve(path)
  return real === undefined ? { real: path, status: undefined } : { real, status: await files.status(real) }
}

async function readCredential({ files, environment }: SecretGround, name: string): Promise<Secret> {
  const directory = environment['CREDENTIALS_DIRECTORY']
  const hint = `add LoadCredential=${name}:PATH to the service (systemctl edit pgwatchd) and restart it`
  if (directory === undefined || directory === '') return refuse(`there are no systemd credentials, so no ${name}`, hint)
  const path = posix.join(directory, name)
  return await explainFailure(path, async () => {
    const missing = (await files.status(path)) === undefined
    if (missing) return refuse(`there is no systemd credential ${name}`, hint)
    return await readContent(files, path, `the systemd credential ${name}`)
  })
}

function readVariable({ environment }: SecretGround, name: string): Secret {
  const value = environment[name]
  if (value === undefined) return refuse(`the environment variable ${name} is not set`, 'set it in the service, or use a file')
  return judge(value, `the environment variable ${name}`)
}

async function readContent(files: Files, path: string, name: string): Promise<Secret> {
  const text = await files.readText(path, { maxBytes: LONGEST_SECRET + 1 })
  return text === undefined ? refuse(`${name} does not exist`, 'write it again') : judge(text.replace(/\r?\n$/, ''), name)
}

/** One line that is not empty; more is probably the wrong file. */
function judge(value: string, name: string): Secret {
  if (value === '') return refuse(`${name} is empty`, 'write the password into it')
  if (value.length > LONGEST_SECRET) return refuse(`${name} is longer than ${LONGEST_SECRET} bytes`, 'is it the right one?')
  if (/[\n\r\0\uFFFD]/.test(value)) return refuse(`${name} holds more than one line, or bytes that are not UTF-8`, 'is it the right one?')
  return { ok: true, value }
}

async function explainFailure(path: string, read: () => Promise<Secret>): Promise<Secret> {
  try {
    return await read()
  } catch (error) {
    if (!(error instanceof OutsideError)) throw error
    return refuse(error.message, error.hint === '' ? `check who may read ${path}; pgwatchd runs as postgres` : error.hint)
  }
}

function refuse(why: string, hint: string): Secret {
  return { ok: false, why, hint }
}
