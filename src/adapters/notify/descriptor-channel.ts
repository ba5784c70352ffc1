import { fstatSync, write, writeSync } from 'node:fs'

/** Sends one message of `KEY=value` lines to the service manager, and forgets it. Never throws, never waits. */
export type NotifyChannel = (message: string) => void

/** Whether the descriptor is an open socket: a number in the environment proves nothing. */
export function isSocket(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).isSocket()
  } catch {
    return false
  }
}

/** One write is one datagram. A full queue (`EAGAIN`) drops the message: the next one says as much. */
export function createNonBlockingChannel(descriptor: number): NotifyChannel {
  return (message) => {
    try {
      writeSync(descriptor, message)
    } catch {
      // A service manager that does not listen is no reason for the supervisor to fail.
    }
  }
}

const WAITING_AT_MOST = 16

/** For a blocking socket: off the event loop and one at a time; when the service manager stalls, the oldest waiting are dropped. */
export function createBlockingChannel(descriptor: number): NotifyChannel {
  const waiting: string[] = []
  let writing = false
  const next = () => {
    const message = waiting.shift()
    writing = message !== undefined
    if (message !== undefined) write(descriptor, message, next)
  }
  return (message) => {
    waiting.push(message)
    if (waiting.length > WAITING_AT_MOST) waiting.shift()
    if (!writing) next()
  }
}
