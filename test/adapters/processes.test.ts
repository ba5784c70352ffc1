import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, cpSync, mkdirSync, mkdtempSync, openSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import type { Test as Tap } from 'tap'
import { createProcesses } from '../../src/adapters/processes/processes.ts'
import {
  hasSegment,
  parseAttachments,
  parseIoBytes,
  parseKernelStack,
  parseKillPending,
  parseStat,
} from '../../src/adapters/processes/stat.ts'

const processes = createProcesses()

function makeDirectory(t: Tap): string {
  const directory = mkdtempSync(join(tmpdir(), 'pgwatchd-processes-'))
  t.teardown(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

/** A sleeping program that is sure to have begun; ended with the test. */
async function launch(t: Tap, file: string, directory: string): Promise<ChildProcess & { readonly pid: number }> {
  const child = spawn(file, ['60'], { cwd: directory, stdio: 'ignore' })
  t.teardown(() => child.kill('SIGKILL'))
  await once(child, 'spawn')
  if (child.pid === undefined) throw new Error(`${file} has no pid`)
  return child as ChildProcess & { readonly pid: number }
}

t.test('/proc/PID/stat is read also with parentheses and blanks in the name', async (t) => {
  const line = '4711 (a) b (c) D 42 1 1 0 -1 4194560 1 2 3 4 70 30 0 0 20 0 1 0 123456 8 9'
  t.strictSame(parseStat(line), { state: 'D', parentPid: 42, cpuTicks: 100, startTimeTicks: 123456 })
  t.equal(parseStat(''), undefined)
  t.equal(parseStat('4711 (x) S 1 2'), undefined)
})

t.test('I/O counters and shared memory', async (t) => {
  t.equal(parseIoBytes('rchar: 700\nwchar: 42\nsyscr: 1\n'), 742)
  t.equal(parseIoBytes(''), undefined)
  const text = 'key shmid perms size cpid lpid nattch uid\n 2188317 14 600 56 1 2 5 101\n -1 15 600 56 1 2 3 101\n 0 16 600 56 1 2 2 101\n'
  t.equal(parseAttachments(text, 14, undefined), 5)
  t.equal(parseAttachments(text, 14, 2188317), 5)
  t.equal(parseAttachments(text, 14, 99), 0, 'the id of another cluster after a reboot')
  t.equal(parseAttachments(text, 15, 4294967295), 3, 'keys are signed here and unsigned in postmaster.pid')
  t.equal(parseAttachments(text, 16, 99), 2, 'a removed segment has no key')
  t.equal(parseAttachments(text, 17, undefined), 0)
  t.equal(processes.sharedMemoryAttachments(2 ** 30), 0)
  t.ok(hasSegment(text, 14, 2188317))
  t.ok(hasSegment(text, 15, 4294967295))
  t.notOk(hasSegment(text, 14, 99))
  t.notOk(hasSegment(text, 17, 0))
})

t.test('a pending SIGKILL and the kernel stack', async (t) => {
  const status = (thread: string, whole: string) => `Name:\tx\nSigPnd:\t${thread}\nShdPnd:\t${whole}\nSigBlk:\t0000000000000100\n`
  t.equal(parseKillPending(status('0000000000000100', '0000000000000000')), true)
  t.equal(parseKillPending(status('0000000000000000', '8000000000000100')), true)
  t.equal(parseKillPending(status('0000000000004002', '0000000000000000')), false, 'SIGTERM and SIGINT')
  t.equal(parseKillPending(''), false)
  const stack = '[<0>] percpu_rwsem_wait+0x15f/0x1d0\n[<0>] mnt_want_write+0x96/0xc0\n[<ffffffff81a>] x64_sys_call.isra.0+0x1/0x2\n'
  t.strictSame(parseKernelStack(stack), ['percpu_rwsem_wait', 'mnt_want_write', 'x64_sys_call.isra.0'])
  t.strictSame(parseKernelStack(''), [])
})

t.test('this very process', async (t) => {
  const self = processes.inspect(process.pid)
  t.match(self, { pid: process.pid, parentPid: process.ppid, executable: process.execPath, workingDirectory: { path: process.cwd() } })
  t.match(self?.commandLine, /processes\.test/)
  t.ok((self?.ioBytes ?? 0) > 0)
  t.equal(processes.inspect(2 ** 22 + 1), undefined)
  t.strictSame(
    processes.find(({ pid }) => pid === process.pid).map(({ pid }) => pid),
    [process.pid],
  )
})

t.test('PostgreSQL is told by its program and its working directory', async (t) => {
  const root = makeDirectory(t)
  const [data, other, postgres, link] = ['data', 'other', 'postgres', 'link'].map((name) => join(root, name)) as [
    string,
    string,
    string,
    string,
  ]
  mkdirSync(data)
  mkdirSync(other)
  symlinkSync(data, link)
  cpSync('/usr/bin/sleep', postgres)
  const ours = await launch(t, postgres, data)
  await launch(t, postgres, other)
  await launch(t, '/usr/bin/sleep', data)
  t.strictSame(
    processes.postgresIn(data).map(({ pid }) => pid),
    [ours.pid],
  )
  t.strictSame(
    processes.postgresIn(link).map(({ pid }) => pid),
    [ours.pid],
    'by inode, not by path',
  )
  t.strictSame(processes.postgresIn(join(root, 'missing')), [])
  rmSync(postgres)
  t.equal(processes.inspect(ours.pid)?.executable, postgres, 'also once a package upgrade has removed the program')
  t.equal(processes.postgresIn(data).length, 1)
})

t.test('a stopped process lives, a zombie does not', async (t) => {
  const root = makeDirectory(t)
  const postgres = join(root, 'postgres')
  cpSync('/usr/bin/sleep', postgres)
  const child = spawn('sh', ['-c', `${postgres} 60 & echo $!; exec sleep 60`], { cwd: root, stdio: ['ignore', 'pipe', 'ignore'] })
  t.teardown(() => child.kill('SIGKILL'))
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  const pid = Number(String(line))
  while (processes.postgresIn(root).length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
  const found = processes.inspect(pid)
  if (found === undefined) throw new Error('no process')
  t.equal(processes.signal({ pid, startTimeTicks: found.startTimeTicks + 1 }, 'SIGKILL'), false, 'another process with that pid is spared')
  t.equal(processes.signal({ pid: -pid, startTimeTicks: found.startTimeTicks }, 'SIGKILL'), false)
  process.kill(pid, 'SIGSTOP')
  while (processes.inspect(pid)?.state !== 'T') await new Promise((resolve) => setTimeout(resolve, 5))
  t.equal(processes.postgresIn(root).length, 1)
  t.equal(processes.signal(found, 'SIGKILL'), true)
  while (processes.inspect(pid)?.state !== 'Z') await new Promise((resolve) => setTimeout(resolve, 5))
  t.strictSame(processes.postgresIn(root), [])
  t.equal(processes.signal(found, 'SIGTERM'), false)
  t.strictSame(
    processes.find((process) => process.pid === pid),
    [],
  )
})

t.test('users of a directory are those of other programs', async (t) => {
  const root = makeDirectory(t)
  const [data, postgres] = [join(root, 'data'), join(root, 'postgres')]
  mkdirSync(data)
  cpSync('/usr/bin/sleep', postgres)
  await launch(t, postgres, data)
  await launch(t, '/usr/bin/sleep', data)
  t.strictSame(processes.using(data), [], "PostgreSQL's own and pgwatchd's children do not count")
  const stranger = spawn('setsid', ['--fork', 'sh', '-c', 'echo $$; exec sleep 60'], {
    stdio: ['ignore', 'pipe', openSync(join(data, 'copy'), 'w')],
  })
  const [line] = (await once(stranger.stdout ?? stranger, 'data')) as [Buffer]
  const pid = Number(String(line))
  t.teardown(() => process.kill(pid, 'SIGKILL'))
  while (processes.inspect(pid)?.parentPid === stranger.pid) await new Promise((resolve) => setTimeout(resolve, 5))
  t.strictSame(
    processes.using(data).map((user) => user.pid),
    [pid],
    'told by an open file',
  )
})

t.test('the user of a process that may not be dumped', { skip: process.getuid?.() !== 0 && 'needs root' }, async (t) => {
  const directory = makeDirectory(t)
  chmodSync(directory, 0o755)
  const file = join(directory, 'unreadable')
  cpSync('/usr/bin/sleep', file)
  chmodSync(file, 0o711)
  const child = spawn(file, ['60'], { cwd: '/', stdio: 'ignore', uid: 65_534, gid: 65_534 })
  t.teardown(() => child.kill('SIGKILL'))
  await once(child, 'spawn')
  t.equal(processes.inspect(child.pid ?? 0)?.uid, 65_534)
  t.equal(processes.inspect(1)?.uid, 0)
})
