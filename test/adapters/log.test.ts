import { spawn } from 'node:child_process'
import { once } from 'node:events'
import t from 'tap'
import { resolveLogFormat, wantsColour } from '../../src/adapters/log/log-format.ts'
import { createLog, type LogOptions } from '../../src/adapters/log/log.ts'
import type { LogEntry } from '../../src/ports/log.ts'

process.env['TZ'] = 'UTC'

const ENTRY: LogEntry = {
  level: 'err',
  event: 'mode-recovering',
  message: '15-main: the postmaster is gone',
  cluster: '15-main',
  incident: '20261121T014412Z-15-main-crashed-3f2a',
  fields: { attempts: 1, cause: 'crashed' },
}

/** A log into a list of lines. */
function logInto(lines: string[], options: Partial<LogOptions>) {
  return createLog({ format: 'json', level: 'info', environment: {}, stream: { write: (text: string) => lines.push(text) }, ...options })
}

function written(entry: LogEntry, options: Partial<LogOptions>): string {
  const lines: string[] = []
  logInto(lines, options).write(entry)
  return lines.join('')
}

t.test('json is one object a line', async (t) => {
  const { time, ...rest } = JSON.parse(written(ENTRY, {})) as Record<string, unknown>
  t.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  t.same(rest, {
    level: 'err',
    event: 'mode-recovering',
    cluster: '15-main',
    incident: ENTRY.incident,
    attempts: 1,
    cause: 'crashed',
    message: ENTRY.message,
  })
})

t.test('the journal gets priority, sentence, fields', async (t) => {
  t.equal(
    written({ level: 'notice', event: 'started', message: 'pgwatchd is watching', fields: { clusters: 1 } }, { format: 'journal' }),
    '<5>pgwatchd is watching {"event":"started","clusters":1}\n',
  )
  const priority = (level: LogEntry['level']): string => written({ ...ENTRY, level }, { format: 'journal', level: 'debug' }).slice(0, 3)
  t.same((['debug', 'info', 'notice', 'warning', 'err', 'crit'] as const).map(priority), ['<7>', '<6>', '<5>', '<4>', '<3>', '<2>'])
})

t.test('people get local time, colours only where wanted', async (t) => {
  const plain = written(ENTRY, { format: 'pretty' })
  t.match(plain, /^\d\d:\d\d:\d\d\.\d{3} ERR     15-main: the postmaster is gone {2}event=mode-recovering cluster=15-main /)
  t.match(plain, / incident=\S+ attempts=1 cause=crashed\n$/)
  t.match(written(ENTRY, { format: 'pretty', isTerminal: true }), '\u001b[31mERR')
  t.equal(written(ENTRY, { format: 'pretty', isTerminal: true, environment: { NO_COLOR: '1' } }).includes('\u001b'), false)
})

t.test('outside text forges no line, in any format', async (t) => {
  const message = 'a\n<2>forged\r\nb\u001b[31mc\u2028d'
  for (const format of ['json', 'journal', 'pretty'] as const) {
    const text = written({ ...ENTRY, message, fields: { detail: message, level: 'crit', message: 'x' } }, { format })
    t.equal(text.split('\n').length, 2, format)
    t.equal(text.includes('\u001b'), false, format)
    if (format === 'json') t.match(JSON.parse(text), { level: 'err', level_: 'crit', message: /^a \\n <2>forged/ })
  }
})

t.test('entries are bounded', async (t) => {
  const text = written({ ...ENTRY, message: 'm'.repeat(100_000), fields: { detail: 'd'.repeat(100_000) } }, { format: 'journal' })
  t.equal(text.length < 7000, true)
})

t.test('the level is a floor, and can be changed', async (t) => {
  const lines: string[] = []
  const log = logInto(lines, { level: 'notice', format: 'journal' })
  log.write({ ...ENTRY, level: 'info' })
  t.same(lines, [])
  log.setLevel('info')
  log.write({ ...ENTRY, level: 'info' })
  t.equal(lines.length, 1)
})

t.test('auto is what fits', async (t) => {
  t.equal(resolveLogFormat('auto', { JOURNAL_STREAM: '8:1234' }, false), 'journal')
  t.equal(resolveLogFormat('auto', { JOURNAL_STREAM: '8:1234' }, true), 'pretty')
  t.equal(resolveLogFormat('auto', {}, false), 'json')
  t.equal(resolveLogFormat('json', { JOURNAL_STREAM: '8:1234' }, true), 'json')
  t.same([wantsColour({}, true), wantsColour({}, false), wantsColour({ TERM: 'dumb' }, true)], [true, false, false])
  t.equal(wantsColour({ FORCE_COLOR: '1', NO_COLOR: '1' }, false), true)
})

/** Runs a program that has `log`, a log to its stdout. */
function program(body: string) {
  const source = `import { createLog } from ${JSON.stringify(new URL('../../src/adapters/log/log.ts', import.meta.url).href)}
    const log = createLog({ format: 'journal', level: 'info', environment: {} })
    const entry = (message, fields = {}) => ({ level: 'info', event: 'x', message, fields })
    ${body}`
  return spawn(process.execPath, ['--input-type=module', '-e', source], { stdio: 'pipe' })
}

async function outputOf(child: ReturnType<typeof program>): Promise<string> {
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  await once(child, 'close')
  return text
}

t.test('what was written before a flush is out when the process exits', async (t) => {
  const text = await outputOf(
    program(`for (let i = 0; i < 500; i += 1) log.write(entry('line ' + i)); await log.flush(5000); process.exit(0)`),
  )
  t.equal(text.split('\n').length, 501)
})

t.test('a reader that stalls costs lines, never the writer, and the loss is told', async (t) => {
  const child = program(`
    for (let i = 0; i < 4000; i += 1) log.write(entry('line', { filler: 'f'.repeat(500) }))
    await log.flush(100)
    process.stderr.write('written ' + log.dropped())
    const again = setInterval(() => log.write(entry('after')), 10)
    process.stdin.once('data', () => process.exit(0))
  `)
  const [said] = (await once(child.stderr, 'data')) as [Buffer]
  t.match(String(said), /^written [1-9]/, 'all was written, to a pipe that nobody reads')
  let [text, told] = ['', false]
  for await (const chunk of child.stdout.setEncoding('utf8')) {
    text = `${text}${chunk}`.slice(-100_000)
    told ||= /<4>\d+ log lines were dropped, because stdout was not read/.test(text)
    if (told && child.stdin.writable) child.stdin.end('enough')
  }
  t.equal(told, true)
})

t.test('a closed stdout does not end the process', async (t) => {
  const child = program(`
    setTimeout(() => { log.write(entry('nobody reads this')); log.flush(200).then(() => setTimeout(() => process.exit(7), 100)) }, 200)
  `)
  child.stdout.destroy()
  t.same(await once(child, 'exit'), [7, null])
})
