import type { RecoverySettings } from '../../src/recovery/step.ts'

/** Settings for tests: patient where nothing hangs, short where something does. */
export const SETTINGS: RecoverySettings = {
  stop: { smartTimeoutMs: 0, fastTimeoutMs: 5_000, immediateTimeoutMs: 7_000, killTimeoutMs: 5_000 },
  start: { stallTimeoutMs: 60_000, requestTimeoutMs: 10_000 },
  wal: { checkBudgetMs: 60_000 },
  checksums: { check: 'on-evidence', budgetMs: 600_000 },
  repair: {
    zeroDamagedPages: true,
    replayWal: false,
    restamp: false,
    stopForCatalogs: true,
    maxRelationBytes: 10 * 1024 ** 3,
    statementTimeoutMs: 60_000,
  },
  sessions: {
    policy: 'act',
    headroom: 3,
    idleInTransactionMs: 60_000,
    idleMs: 0,
    activeMs: 0,
    superusers: false,
    spareUsers: [],
  },
  blockers: { policy: 'act', limitMs: 1_000 },
  disk: { ballastBytes: 0, walBallastBytes: 0, tablespaceBallastBytes: 0, logAgeMs: 86_400_000 },
}
