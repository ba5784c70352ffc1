import { lost, torn, WHOLE, type Store } from './store.ts'

const CONTENT = 'what a recovery moves out of the way of a start\n'.repeat(50)

/** Odd operations write a file, even ones move it into another folder, as a lock file is moved into the incident's. */
export const moves: Store = {
  name: 'moves',
  async open(files, directory) {
    for (const folder of ['from', 'to']) await files.makeDirectory(`${directory}/${folder}`, 0o700)
    return async (operation) => {
      const name = String(Math.ceil(operation / 2))
      if (operation % 2 === 1) await files.writeDurably(`${directory}/from/${name}`, CONTENT, 0o600)
      else await files.move(`${directory}/from/${name}`, `${directory}/to/${name}`)
    }
  },
  async check(files, directory, acknowledged) {
    for (let number = 1; number <= Math.ceil(acknowledged / 2); number += 1) {
      const [from, to] = await Promise.all(
        ['from', 'to'].map((folder) => files.readText(`${directory}/${folder}/${String(number)}`, { maxBytes: 1 << 20 })),
      )
      if (from === undefined && to === undefined) return lost(`file ${String(number)} is in neither folder`)
      if ([from, to].some((text) => text !== undefined && text !== CONTENT)) return torn(`file ${String(number)}`)
      const isMoved = 2 * number <= acknowledged
      if (isMoved && (to === undefined || from !== undefined)) return lost(`the move of file ${String(number)} is undone`)
    }
    return WHOLE
  },
}
