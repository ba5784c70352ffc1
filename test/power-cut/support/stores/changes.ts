import type { Outside } from '../../../../src/ports/outside.ts'
import { createClock } from '../../../../src/adapters/clock/clock.ts'
import { readChanges, recordChange } from '../../../../src/recovery/changes/change-log.ts'
import { lost, torn, WHOLE, type Store } from './store.ts'

/** Each incident of its own folder, so that the log is also made anew now and then. */
const CHANGES_EACH = 4

function folderOf(directory: string, number: number): string {
  return `${directory}/incidents/${String(number)}`
}

/** What a remedy is about to change: appended to the incident's log. */
export const changes: Store = {
  name: 'changes',
  async open(files, directory) {
    const outside = { files, clock: createClock() } as unknown as Outside
    await files.makeDirectory(`${directory}/incidents`, 0o700)
    return async (operation) => {
      const incidentDirectory = folderOf(directory, Math.ceil(operation / CHANGES_EACH))
      await recordChange({ outside, incidentDirectory }, 'test', { kind: 'directory-made', path: `/${String(operation)}`, mode: 0o700 })
    }
  },
  async check(files, directory, acknowledged) {
    const found: string[] = []
    for (let number = 1; (number - 1) * CHANGES_EACH < acknowledged; number += 1)
      for (const entry of await readChanges(files, folderOf(directory, number)))
        if ('change' in entry && entry.change.kind === 'directory-made') found.push(entry.change.path)
    const expected = Array.from({ length: acknowledged }, (_, index) => `/${String(index + 1)}`)
    const missing = expected.filter((path) => !found.includes(path))
    if (missing.length > 0) return lost(`changes ${missing.join(' ')} are gone`)
    return expected.every((path, index) => found[index] === path) ? WHOLE : torn(`the log reads ${found.join(' ')}`)
  },
}
