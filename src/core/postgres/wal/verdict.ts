import type { WalChain } from './behind.ts'

/** What is known of the place at which the WAL can no longer be read, and of the records behind it. */
export interface WalEnd {
  /** The first whole records behind it; `undefined` when there are none on later pages. */
  readonly behind: WalChain | undefined
  /** A file of WAL is begun only when all before it is on disk: how many files lie between the place and those records. */
  readonly filesBetween: number
  /** The record at the place may go on in the next file, so that what is wrong may lie there. */
  readonly mayGoOn: boolean
  /** The kernel that the server ran on still runs, so that what was written is there, flushed or not. */
  readonly sameKernel: boolean
  /** The server flushed what it committed. */
  readonly flushes: boolean
  /** The last commit before the place, or the last checkpoint where there is none. */
  readonly lastKnownMs: number
}

/** `lost`: a start would end its recovery at the place and lose commits without a word. */
export type WalJudgement =
  | { readonly verdict: 'end' }
  /** Whole records, and yet none of them was promised to anybody, for the reason given. */
  | { readonly verdict: 'remains'; readonly because: string }
  | { readonly verdict: 'lost' }

/** Clocks of transactions that end at the same time are not in the order of their records, and a checkpoint's has whole seconds. */
const SLACK_MS = 2_000

/**
 * Tells damage from an end. After a power cut the last file may hold pages behind a hole that were never flushed, and after
 * the recovery from that they stay until they are overwritten: neither is damage.
 */
export function judgeWalEnd(end: WalEnd): WalJudgement {
  const { behind } = end
  if (behind === undefined) return { verdict: 'end' }
  if (behind.lastCommitMs === undefined) return { verdict: 'remains', because: 'no transaction was committed in them' }
  if (behind.lastCommitMs < end.lastKnownMs - SLACK_MS)
    return { verdict: 'remains', because: 'they are older than what precedes them: an earlier recovery has discarded them' }
  if (end.sameKernel) return { verdict: 'lost' }
  if (!end.flushes) return { verdict: 'remains', because: 'the host was restarted, and with fsync off nothing was sure to be on disk' }
  const isFlushed = end.filesBetween >= (end.mayGoOn ? 2 : 1)
  return isFlushed
    ? { verdict: 'lost' }
    : { verdict: 'remains', because: 'the host was restarted, and they need not have been flushed before' }
}
