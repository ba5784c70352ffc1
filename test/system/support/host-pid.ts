import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import type { Machine } from './machine.ts'

/** pid on this host of a process of the machine. */
export function hostPid(machine: Machine, pid: number): number {
  const namespace = readlinkSync(`/proc/${String(machine.leaderPid())}/ns/pid`)
  const found = readdirSync('/proc').find((name) => /^\d+$/.test(name) && isProcess(name, namespace, pid))
  if (found === undefined) throw new Error(`there is no process ${String(pid)} in the machine`)
  return Number(found)
}

function isProcess(name: string, namespace: string, pid: number): boolean {
  try {
    if (!new RegExp(`^NSpid:.*\\t${String(pid)}$`, 'm').test(readFileSync(`/proc/${name}/status`, 'utf8'))) return false
    return readlinkSync(`/proc/${name}/ns/pid`) === namespace
  } catch {
    return false
  }
}
