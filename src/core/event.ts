import type { Assessment } from './cause.ts'

/** What a tick found, or what was done to the cluster or by an operator. */
export type Event =
  | { readonly type: 'probes-passed' }
  /** The cluster heals itself (crash recovery, shutdown under way) or needs something that only time brings (space). */
  | { readonly type: 'healing-observed'; readonly assessment: Assessment }
  | { readonly type: 'failure-suspected'; readonly assessment: Assessment }
  | { readonly type: 'failure-proven'; readonly assessment: Assessment }
  | { readonly type: 'operator-stop-observed'; readonly assessment: Assessment }
  | { readonly type: 'person-needed'; readonly assessment: Assessment }
  | { readonly type: 'recovery-succeeded' }
  | { readonly type: 'recovery-failed' }
  /** Nothing safe could be done now; it did no harm and does not use up an attempt. */
  | { readonly type: 'recovery-held' }
  /** Nothing that pgwatchd can do will help: the server cannot be stopped. */
  | { readonly type: 'recovery-impossible' }
  | { readonly type: 'daemon-started' }
  | { readonly type: 'recovery-requested'; readonly assessment: Assessment }
  | { readonly type: 'operator-paused'; readonly forMs: number | null; readonly by: string }
  | { readonly type: 'operator-resumed' }
  | { readonly type: 'pause-expired' }

export type EventType = Event['type']

export const EVENT_TYPES = [
  'probes-passed',
  'healing-observed',
  'failure-suspected',
  'failure-proven',
  'operator-stop-observed',
  'person-needed',
  'recovery-succeeded',
  'recovery-failed',
  'recovery-held',
  'recovery-impossible',
  'daemon-started',
  'recovery-requested',
  'operator-paused',
  'operator-resumed',
  'pause-expired',
] as const satisfies readonly EventType[]

/** The event that an assessment amounts to. */
export function eventOf(assessment: Assessment): Event {
  switch (assessment.response) {
    case 'none':
      return { type: 'probes-passed' }
    case 'wait':
      return { type: 'healing-observed', assessment }
    case 'grace':
      return { type: 'operator-stop-observed', assessment }
    case 'person':
      return { type: 'person-needed', assessment }
    case 'recover':
      return { type: assessment.strength === 'proven' ? 'failure-proven' : 'failure-suspected', assessment }
  }
}
