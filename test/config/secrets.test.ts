import t from 'tap'
import type { SecretSource } from '../../src/config/config.ts'
import { readSecret } from '../../src/config/secrets.ts'
import { createFakeFiles } from '../fakes/files.ts'

const NONE: SecretSource = { file: undefined, credential: undefined, environment: undefined }
const fromFile = (file: string): SecretSource => ({ ...NONE, file })
const fromCredential = (credential: string): SecretSource => ({ ...NONE, credential })
const fromEnvironment = (environment: string): SecretSource => ({ ...NONE, environment })

t.test('a password is read from where it is', async (t) => {
  const files = createFakeFiles()
  files.put('/p', 'secret word\n', { mode: 0o640 })
  files.put('/crlf', 'secret\r\n', { mode: 0o600 })
  files.put('/blank', ' secret ', { mode: 0o400 })
  files.putLink('/link', '/p')
  files.put('/run/credentials/pgwatchd.service/smtp', 'from systemd\n', { mode: 0o444 })
  const ground = { files, environment: { WORD: 'from outside', CREDENTIALS_DIRECTORY: '/run/credentials/pgwatchd.service' } }
  t.same(await readSecret(NONE, ground), { ok: true, value: undefined })
  t.same(await readSecret(fromFile('/p'), ground), { ok: true, value: 'secret word' })
  t.same(await readSecret(fromFile('/link'), ground), { ok: true, value: 'secret word' })
  t.same(await readSecret(fromFile('/crlf'), ground), { ok: true, value: 'secret' })
  t.same(await readSecret(fromFile('/blank'), ground), { ok: true, value: ' secret ' })
  t.same(await readSecret(fromCredential('smtp'), ground), { ok: true, value: 'from systemd' })
  t.same(await readSecret(fromEnvironment('WORD'), ground), { ok: true, value: 'from outside' })
})

t.test('what cannot be used is refused with a reason and advice, and never shown', async (t) => {
  const files = createFakeFiles()
  files.put('/open', 'geheim\n', { mode: 0o644 })
  files.put('/written', 'geheim\n', { mode: 0o602 })
  files.putLink('/link', '/open')
  files.put('/empty', '\n', { mode: 0o600 })
  files.put('/lines', 'geheim\ngeheim\n', { mode: 0o600 })
  files.put('/blanklines', 'geheim\n\n', { mode: 0o600 })
  files.put('/binary', Uint8Array.from([0xff, 0xfe, 0x67]), { mode: 0o600 })
  files.put('/long', 'geheim'.repeat(2000), { mode: 0o600 })
  files.put('/closed', 'geheim', { mode: 0o600 })
  files.putDirectory('/directory')
  files.fail({ operation: 'readText', path: '/closed', code: 'EACCES' })
  files.putDirectory('/credentials')
  const ground = { files, environment: { EMPTY: '', LINES: 'geheim\ngeheim', CREDENTIALS_DIRECTORY: '/credentials' } }
  const cases: readonly [SecretSource, RegExp][] = [
    [fromFile('/open'), /^everybody may use the password file \/open$/],
    [fromFile('/written'), /^everybody may use/],
    [fromFile('/link'), /^everybody may use/],
    [fromFile('/none'), /^the password file \/none does not exist$/],
    [fromFile('/directory'), /is not a regular file$/],
    [fromFile('/empty'), /is empty$/],
    [fromFile('/lines'), /more than one line/],
    [fromFile('/blanklines'), /more than one line/],
    [fromFile('/binary'), /not UTF-8/],
    [fromFile('/long'), /longer than 4096/],
    [fromFile('/closed'), /\/closed.*EACCES/],
    [fromCredential('smtp'), /^there is no systemd credential smtp$/],
    [fromEnvironment('MISSING'), /^the environment variable MISSING is not set$/],
    [fromEnvironment('EMPTY'), /is empty$/],
    [fromEnvironment('LINES'), /more than one line/],
  ]
  for (const [source, why] of cases) {
    const secret = await readSecret(source, ground)
    t.match(secret, { ok: false, why, hint: /./ }, JSON.stringify(source))
    t.notMatch(JSON.stringify(secret), 'geheim')
  }
  t.match(await readSecret(fromCredential('smtp'), { files, environment: {} }), { ok: false, why: /no systemd credentials/ })
})
