import type { Files } from '../../ports/files.ts'
import { allocate } from './allocate.ts'
import { copy } from './copy.ts'
import { list, resolve, status, volume } from './look.ts'
import { move, remove } from './move.ts'
import { read, readTail, readText } from './read.ts'
import { watch } from './watch.ts'
import { appendDurably, changeMode, makeDirectory, overwrite, touch, writeDurably } from './write.ts'

/** The file systems of this host. */
export function createFiles(): Files {
  return {
    status,
    resolve,
    volume,
    list,
    read,
    readText,
    readTail,
    writeDurably,
    overwrite,
    appendDurably,
    allocate,
    touch,
    makeDirectory,
    move,
    copy,
    remove,
    changeMode,
    watch,
  }
}
