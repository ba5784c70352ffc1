/* eslint no-restricted-syntax: off -- an ambient module is how a package's declarations are completed. */
import type { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'

/** What the package's own declarations leave out. */
declare module '@homebridge/dbus-native' {
  export function createClient(options: { stream: Socket; authMethods: readonly string[] }): MessageBus
  export interface BusConnection extends EventEmitter {
    stream: Socket
  }
}
