import t from 'tap'
import { choosePoints } from './support/sample.ts'
import { readCalls, readKill } from './support/trace.ts'

const TRACE = `100 mkdir("/stage/state/state", 0700) = -1 EEXIST (File exists)
104 openat(AT_FDCWD</>, "/stage/state/state/.a.state.0123456789ab.new", O_WRONLY|O_CREAT|O_EXCL|O_CLOEXEC, 0600) = 22</stage/state/state/.a.state.0123456789ab.new>
104 fsync(22</stage/state/state/.a.state.0123456789ab.new> <unfinished ...>
100 write(6<pipe:[135386]>, "*", 1) = 1
104 <... fsync resumed>) = 0
104 rename("/stage/state/state/.a.state.0123456789ab.new", "/stage/state/state/a.state") = 0
100 write(23<socket:[166091]>, "Q\\0\\0\\0kupdate pgwatchd.ring set wr"..., 108) = 108
100 write(23<socket:[166091]>, "Q\\0\\0\\0\\"set statement_timeout = 110"..., 35) = 35
100 openat(AT_FDCWD</>, "/proc/12/stat", O_RDONLY|O_CLOEXEC) = 23</proc/12/stat>
104 fsync(22</stage/state/incidents/20261125T191325Z-a-crashed-0d32>) = 0
100 kill(4711, SIGCONT) = 0
`

t.test('calls that change something are told apart, and counted in their thread', async (t) => {
  t.strictSame(
    readCalls(TRACE, '/stage').map(({ thread, ordinal, label }) => [thread, ordinal, label]),
    [
      ['files', 1, 'openat state/state/.a.state.*.new'],
      ['files', 1, 'fsync state/state/.a.state.*.new'],
      ['files', 1, 'rename state/state/a.state'],
      ['main', 2, 'write server: update pgwatchd.ring set wr'],
      ['files', 2, 'fsync state/incidents/INCIDENT'],
      ['main', 1, 'kill SIGCONT'],
    ],
  )
})

t.test('a point counts as hit only where the daemon was killed at it', async (t) => {
  const killed = `${TRACE}104 fsync(22</stage/state/outbox> <unfinished ...>\n104 <... fsync resumed>) = ?\n100 +++ killed by SIGKILL +++\n`
  t.strictSame(readKill(killed, '/stage', 'fsync'), { label: 'fsync state/outbox', changes: true })
  t.equal(readKill(TRACE, '/stage', 'fsync'), undefined, 'it was not reached')
  const elsewhere = 'write(6<pipe:[135386]>, "*", 1 <unfinished ...>) = ?\n+++ killed by SIGKILL +++\n'
  t.match(readKill(elsewhere, '/stage', 'write'), { changes: false }, 'it would have changed nothing')
})

t.test('a sample is spread over the run, is the same for a seed, and makes up for points that are missed', async (t) => {
  const calls = Array.from({ length: 100 }, (_, index) => ({ name: 'fsync', thread: 'files', ordinal: index + 1, label: '' }) as const)
  const draw = (seed: number, isMissed = false): readonly number[] => {
    const points = choosePoints(calls, 4, seed)
    const drawn: number[] = []
    for (let call = points.next(); call !== undefined; call = points.next()) {
      drawn.push(call.ordinal)
      if (isMissed && drawn.length === 1) points.miss(call)
    }
    return drawn
  }
  t.strictSame(
    draw(1).map((ordinal) => Math.ceil(ordinal / 25)),
    [1, 2, 3, 4],
  )
  t.strictSame(draw(7), draw(7))
  t.notSame(draw(7), draw(8))
  t.equal(new Set(draw(1, true)).size, 5)
  const all = choosePoints(calls, 'all', 1)
  t.equal(calls.filter(() => all.next() !== undefined).length, 100)
  t.equal(all.next(), undefined)
})
