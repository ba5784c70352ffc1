import type { Command } from '../cause.ts'
import type { StuckProcess } from '../facts.ts'
import type { Reading } from '../reading.ts'
import type { View } from './diagnosis.ts'

/** Functions through which every process enters the kernel: they tell nothing. */
const ENTRY = /^(entry_|do_syscall_|x64_sys_call|arch_do_signal|exit_to_user_mode|syscall_exit|ret_from_)/

const LATE_REASONS = ['timeout', 'too-slow']

/** What failed because no answer came, or came too late. */
export function lateReadings({ failed }: View): readonly Reading[] {
  return failed.filter((reading) => LATE_REASONS.includes(reading.reason ?? ''))
}

/** "checkpointer (pid 812) waits in the kernel in percpu_rwsem_wait < mnt_want_write < path_openat" */
export function describeStuck({ pid, title, how, waitChannel, isKilled, stack }: StuckProcess): string {
  const who = `${title} (pid ${pid})`
  if (how === 'stopped') return `${who} is stopped by a signal`
  const where = [...new Set([waitChannel, ...stack])].filter((name) => name !== '' && !ENTRY.test(name)).join(' < ')
  if (how === 'frozen') return `${who} is frozen by its control group (${where})`
  const unseen = stack.length === 0 ? ' (its stack is for root to read)' : ''
  return `${who} ${isKilled ? 'was sent SIGKILL and waits' : 'waits'} in the kernel${where === '' ? '' : ` in ${where}`}${unseen}`
}

/** For those whose stack pgwatchd may not read. */
export function stackCommand(stuck: readonly StuckProcess[]): readonly Command[] {
  const pids = stuck.filter(({ how }) => how === 'in-kernel').map(({ pid }) => pid)
  return pids.length === 0
    ? []
    : [
        {
          shell: `sudo head -n 20 ${pids
            .slice(0, 5)
            .map((pid) => `/proc/${pid}/stack`)
            .join(' ')}`,
        },
      ]
}
