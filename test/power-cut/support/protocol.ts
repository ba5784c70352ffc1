import { constants } from 'node:fs'
import { hostSystemCalls, type OpenFile, type SystemCalls } from '../../../src/adapters/filesystem/system-calls.ts'

/** `right`: pgwatchd as it is. The others leave out what makes writes durable, and must be seen to lose something. */
export type Protocol = 'right' | 'no-directory-sync' | 'no-sync'

export const PROTOCOLS: readonly Protocol[] = ['right', 'no-directory-sync', 'no-sync']

/** The host's system calls, as a deliberately wrong program would make them. */
export function systemCallsOf(protocol: Protocol): SystemCalls {
  if (protocol === 'right') return hostSystemCalls
  return {
    ...hostSystemCalls,
    async open(path, flags, mode) {
      const file = await hostSystemCalls.open(path, flags, mode)
      const isDirectory = (flags & constants.O_DIRECTORY) !== 0
      return protocol === 'no-sync' || isDirectory ? withoutSync(file) : file
    },
  }
}

function withoutSync(file: OpenFile): OpenFile {
  return Object.assign(file, { sync: () => Promise.resolve(), datasync: () => Promise.resolve() })
}
