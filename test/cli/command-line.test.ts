import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import t from 'tap'
import { allOptionsOf } from '../../src/cli/common-options.ts'
import { renderCompletion } from '../../src/cli/completion/index.ts'
import { SHELLS } from '../../src/cli/completion/shells.ts'
import { COMMANDS } from '../../src/cli/index.ts'
import { loadAllCommands } from '../../src/cli/load-all.ts'
import { nearestOf } from '../../src/cli/nearest.ts'
import { parseInvocation } from '../../src/cli/parse.ts'
import { wantsColour } from '../../src/cli/style.ts'
import { renderTable, wrapText } from '../../src/cli/table.ts'
import { renderManual } from '../../scripts/generators/man.ts'
import { runWords } from './io.ts'

const names = COMMANDS.map((entry) => entry.name)
const commands = await loadAllCommands()

t.test('every command keeps the contract', async (test) => {
  const folder = readdirSync(new URL('../../src/cli/commands', import.meta.url), { recursive: true, encoding: 'utf8' })
  const files = folder.filter((file) => file.endsWith('.ts')).map((file) => file.replace('.ts', '').replace('/', ' '))
  test.strictSame([...names].sort(), files.sort(), 'each file is registered once')
  test.strictSame(
    commands.map((command) => command.name),
    names,
    'and named like its command',
  )
  for (const command of commands) {
    test.match(command.summary, /^[A-Z].*[^.]$/, `${command.name}: summary`)
    test.ok(
      command.description.every((text) => text.endsWith('.')),
      `${command.name}: whole sentences`,
    )
    for (const [name, option] of Object.entries(allOptionsOf(command))) {
      test.equal(option.type === 'string', option.value !== undefined, `${command.name} --${name}: a value is named`)
      test.match(option.description, /^[^A-Z].*[^.]$|^[A-Z]{2,}/, `${command.name} --${name}: description`)
    }
  }
})

t.test('every command explains itself with all of its options', async (test) => {
  for (const command of commands) {
    const ran = await runWords([...command.name.split(' '), '--help'])
    test.equal(ran.exitCode, 0)
    test.equal(ran.stderr, '')
    for (const name of Object.keys(allOptionsOf(command))) test.match(ran.stdout, `--${name}`, `${command.name} --${name}`)
    test.ok(parseInvocation(command, ['--json', ...(command.positional?.required === true ? ['x'] : [])]).ok, `${command.name} --json`)
    test.strictSame(await runWords(['help', command.name]), ran, 'help COMMAND says the same')
  }
})

t.test('help, version and JSON', async (test) => {
  const overview = await runWords(['help'])
  for (const name of names) test.match(overview.stdout, new RegExp(`^  ${name} +[A-Z]`, 'm'))
  test.strictSame(await runWords(['--help']), overview)
  test.match((await runWords(['--version'])).stdout, /^pgwatchd \d+\.\d+\.\d+ \(Node /)
  test.match(JSON.parse((await runWords(['version', '--json'])).stdout), { version: /^\d+\./ })
  test.match(JSON.parse((await runWords(['help', 'recover', '--json'])).stdout), [
    { name: 'recover', options: { plan: { type: 'boolean' } } },
  ])
  test.match(await runWords(['help', 'recovr']), { exitCode: 64, stderr: /did you mean recover\?/ })
})

t.test('a wrong command line is told with the nearest name and exit code 64', async (test) => {
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [[], /expected a command/],
    [['statsu'], /unknown command statsu; did you mean status\?/],
    [['zzzzzz'], /unknown command zzzzzz\n/],
    [['--json'], /expected a command before option --json/],
    [['status', '--jsno'], /status: unknown option --jsno; did you mean --json\?/],
    [['status', '-x'], /unknown option -x\n/],
    [['status', 'now'], /unexpected argument "now"/],
    [['incidents', 'a', 'b'], /unexpected argument "b"/],
    [['pause', '--for'], /option --for needs a value: --for DURATION/],
    [['pause', '--for', 'soon'], /--for soon: expected a duration/],
    [['pause', '--for', '0'], /above 0/],
    [['status', '--json=yes'], /option --json takes no value/],
    [['completion'], /SHELL is missing/],
    [['completion', 'tcsh'], /no completion for tcsh/],
    [['run', '--log-format', 'xml'], /unknown log format xml/],
    [['setup-database', '--print', '--undo'], /not both/],
  ]
  for (const [words, expected] of cases) {
    const ran = await runWords(words)
    test.equal(ran.exitCode, 64, words.join(' '))
    test.equal(ran.stdout, '')
    test.match(ran.stderr, expected)
  }
})

t.test('a bug is told as one', async (test) => {
  const entry = COMMANDS.find(({ name }) => name === 'version')
  if (entry === undefined) throw new Error('no version')
  const { load } = entry
  Object.assign(entry, { load: () => Promise.reject(new Error('unexpected')) })
  test.teardown(() => Object.assign(entry, { load }))
  test.match(await runWords(['version']), { exitCode: 70, stderr: /^error: a bug in pgwatchd.*\nError: unexpected/ })
})

t.test('colours are for terminals, and for who forces them', async (test) => {
  test.ok(wantsColour({}, true))
  test.notOk(wantsColour({}, false))
  test.notOk(wantsColour({ NO_COLOR: '1' }, true))
  test.ok(wantsColour({ FORCE_COLOR: '1' }, false))
  test.ok(wantsColour({ FORCE_COLOR: '1', NO_COLOR: '1' }, false))
  test.notOk(wantsColour({ FORCE_COLOR: '0' }, true))
  test.notOk(wantsColour({ TERM: 'dumb' }, true))
  test.match((await runWords(['help'], { isTerminal: true })).stdout, '\x1b[1m')
  test.notMatch((await runWords(['help'])).stdout, '\x1b')
})

t.test('tables are aligned, and wrapped on a terminal', async (test) => {
  const red = (text: string) => `<${text}>`
  const rows = [
    ['a', { text: 'fail', paint: red }, 'one two three four five six'],
    ['long', 'x', ''],
  ]
  const wide = { isTerminal: false, columns: 20 }
  test.equal(renderTable(wide, ['N', 'V', 'D'], rows), 'N     V     D\na     <fail>  one two three four five six\nlong  x\n')
  test.equal(
    renderTable({ isTerminal: true, columns: 38 }, [], rows, ' '),
    ' a     <fail>  one two three four five\n             six\n long  x\n',
  )
  test.equal(renderTable(wide, [], []), '')
  test.strictSame(wrapText('aaa bbb cccccccc d', 7), ['aaa bbb', 'cccccccc', 'd'])
})

t.test('the nearest name', async (test) => {
  test.equal(nearestOf('stauts', names), 'status')
  test.equal(nearestOf('check', names), 'check-config')
  test.equal(nearestOf('x', names), undefined)
})

t.test('completion scripts are valid and know every command and option', async (test) => {
  for (const shell of SHELLS) {
    const script = renderCompletion(shell, commands)
    for (const command of commands) {
      for (const word of command.name.split(' ')) test.match(script, new RegExp(`\\b${word}\\b`), `${shell}: ${command.name}`)
      for (const name of Object.keys(command.options)) test.match(script, new RegExp(`(--|-l )${name}\\b`), `${shell}: --${name}`)
    }
    test.equal((await runWords(['completion', shell])).stdout, script)
  }
  const bash = renderCompletion('bash', commands)
  const check = spawnSync('bash', ['-n'], { input: bash, encoding: 'utf8' })
  test.equal(check.stderr, '')
  const complete = (line: string) => {
    const words = line.split(' ')
    const set = `COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}`
    const script = `${bash}\n${set}; _pgwatchd; echo "\${COMPREPLY[@]}"`
    return spawnSync('bash', ['-c', script], { encoding: 'utf8' }).stdout.trim()
  }
  test.equal(complete('pgwatchd stat'), 'status')
  test.equal(complete('pgwatchd recover --p'), '--plan')
  test.equal(complete('pgwatchd run --log-format j'), 'json journal')
  test.equal(complete('pgwatchd completion z'), 'zsh')
  test.equal(complete('pgwatchd status '), '')
})

t.test('the manual tells every command and option, in roff that groff takes without a warning', async (test) => {
  const manual = renderManual(commands)
  for (const command of commands) {
    test.match(manual, new RegExp(`^\\.SS "${command.name.replace('-', '.-')}`, 'm'))
    for (const name of Object.keys(command.options)) test.match(manual, name.replace(/-/g, '\\-'), `${command.name}: --${name}`)
  }
  const check = spawnSync('groff', ['-man', '-Tutf8', '-ww'], { input: manual, encoding: 'utf8' })
  if (check.error === undefined) test.equal(check.stderr, '')
})

t.test('the program itself: exit code, and a reader that leaves early', async (test) => {
  const run = (script: string) => spawnSync('bash', ['-c', script, '', process.execPath, 'src/main.ts'], { encoding: 'utf8' })
  test.match(run('"$1" "$2" statsu'), { status: 64, stdout: '', stderr: /did you mean status/ })
  test.match(run('"$1" "$2" help --json | true; echo ${PIPESTATUS[0]}'), { stdout: '0\n', stderr: '' })
})

t.test('a command of two words is found, and an incomplete one is explained', async (t) => {
  t.match(await runWords(['backup', 'create', '--help']), { exitCode: 0, stdout: /^pgwatchd backup create \[OPTIONS\]/ })
  t.match(await runWords(['backup']), {
    exitCode: 64,
    stderr: /backup needs a word more: create, list, show, verify, drill, prune, restore, drop-old/,
  })
  t.match(await runWords(['backup', 'crate']), { exitCode: 64, stderr: /unknown command backup crate/ })
  t.match(await runWords(['help', 'backup']), { exitCode: 0, stdout: /backup create +Make a backup now/ })
})
