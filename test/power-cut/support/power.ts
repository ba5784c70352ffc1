import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'

/** FS_IOC_SHUTDOWN without flushing the file system's log: what was not made durable is gone, as when the power goes. */
const CUT = `
  open(my $volume, '<', $ARGV[0]) or die "$ARGV[0]: $!";
  $| = 1;
  print "ready\\n";
  <STDIN>;
  my $without_log = pack('I', 2);
  ioctl($volume, 0x8004587d, $without_log) or die "the file system cannot be shut down: $!";
  print "cut\\n";`

/** A hand at the switch of one mounted volume. */
export interface Switch {
  /** Resolves once nothing more reaches the volume. */
  cut(): Promise<void>
}

/** Ready to cut within microseconds. */
export async function holdSwitch(mountPoint: string): Promise<Switch> {
  const hand = spawn('perl', ['-e', CUT, mountPoint], { stdio: ['pipe', 'pipe', 'inherit'] })
  await once(hand.stdout, 'data')
  return { cut: () => cut(hand) }
}

async function cut(hand: ChildProcess): Promise<void> {
  const ended = once(hand, 'exit')
  hand.stdin?.end('now\n')
  const [exitCode] = (await ended) as [number]
  if (exitCode !== 0) throw new Error('the power could not be cut')
}
