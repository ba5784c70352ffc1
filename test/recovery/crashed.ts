import type { Assessment } from '../../src/core/cause.ts'

/** What a dead postmaster is assessed as. */
export const CRASHED: Assessment = {
  cause: 'crashed',
  response: 'recover',
  plan: 'restart',
  strength: 'proven',
  verdict: 'the postmaster is gone',
  evidence: [],
  ruledOut: [],
  warnings: [],
  attemptsAtMost: undefined,
}
