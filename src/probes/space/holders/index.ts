import { archiver } from './archiver.ts'
import { growth } from './growth.ts'
import type { HolderQuestion } from './question.ts'
import { replicationSlots } from './replication-slots.ts'
import { reservedBlocks } from './reserved-blocks.ts'
import { safeFiles } from './safe-files.ts'
import { serverLogs } from './server-logs.ts'
import { temporaryFiles } from './temporary-files.ts'
import { unownedFiles } from './unowned-files.ts'
import { wal } from './wal.ts'

/** Everything that is asked about who holds the space, the cheap before the dear: there is one deadline for all. */
export const HOLDER_QUESTIONS: readonly HolderQuestion[] = [
  wal,
  replicationSlots,
  archiver,
  temporaryFiles,
  serverLogs,
  safeFiles,
  reservedBlocks,
  growth,
  unownedFiles,
]
