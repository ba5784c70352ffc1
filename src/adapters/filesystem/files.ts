import type { Files } from '../../ports/files.ts'
import { allocate } from './allocate.ts'
import { copy } from './copy.ts'
import { list, resolve, status, volume } from './look.ts'
import { move, remove } from './move.ts'
import { read, readTail, readText } from './read.ts'
import { hostSystemCalls, type SystemCalls } from './system-calls.ts'
import { watch } from './watch.ts'
import { appendDurably, changeMode, makeDirectory, overwrite, syncNames, touch, writeDurably } from './write.ts'

/** The file systems of this host, or those that other system calls reach; only what is of this host can be watched. */
export function createFiles(calls: SystemCalls = hostSystemCalls): Files {
  const on =
    <Given extends readonly unknown[], Result>(work: (calls: SystemCalls, ...given: Given) => Result) =>
    (...given: Given): Result =>
      work(calls, ...given)
  return {
    status: on(status),
    resolve: on(resolve),
    volume: on(volume),
    list: on(list),
    read: on(read),
    readText: on(readText),
    readTail: on(readTail),
    writeDurably: on(writeDurably),
    overwrite: on(overwrite),
    appendDurably: on(appendDurably),
    allocate: on(allocate),
    touch: on(touch),
    makeDirectory: on(makeDirectory),
    move: on(move),
    copy: on(copy),
    remove: on(remove),
    syncNames: on(syncNames),
    changeMode: on(changeMode),
    watch,
  }
}
