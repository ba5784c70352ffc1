import type { BackupKind } from '../../../core/backup/manifest.ts'
import type { BackupProvider } from '../backup.ts'
import { logical } from './logical.ts'
import { physical } from './physical.ts'

/** Every kind of backup. */
export const PROVIDERS: Partial<Readonly<Record<BackupKind, BackupProvider>>> = { logical, physical }
