import { titleOf } from '../../core/postgres/process-title.ts'
import type { ServerSession } from '../../core/sessions/session.ts'
import type { ProcessStatus } from '../../ports/processes.ts'

/** "app shop 10.0.0.5(40404) idle in transaction"; a name with blanks in it is taken for two. */
const SESSION_TITLE = /^(\S+) (\S+) (?:\[local\]|([0-9A-Fa-f.:]+)\(\d+\)) (.+)$/

/**
 * What the titles of the server's processes tell of its sessions, for where no session can be had to ask: enough for people, and
 * too little to end one.
 */
export function readCrowdByTitles(processes: readonly ProcessStatus[]): readonly ServerSession[] {
  return processes.flatMap(({ pid, commandLine }) => {
    const [, user, database, address, activity] = SESSION_TITLE.exec(titleOf(commandLine)) ?? []
    if (user === undefined || database === undefined || activity === undefined) return []
    const state = activity.startsWith('idle') ? activity.replace(/ waiting$/, '') : 'active'
    const unknown = { backendStart: '', stateChange: '', application: '', stateForMs: 0, isSuperuser: false }
    return [{ pid, user, database, address: address ?? 'local', state, ...unknown }]
  })
}
