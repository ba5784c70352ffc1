import type { Files } from '../../ports/files.ts'

const MOST_BYTES = 512 << 20

/** What PostgreSQL's own `backup_manifest` tells of a whole backup. */
export interface WalRange {
  readonly startLsn: string
  readonly stopLsn: string
  /** Of all files. */
  readonly sizeBytes: number
}

/** `undefined` when it is missing or not whole. */
export async function readWalRange(files: Files, path: string): Promise<WalRange | undefined> {
  const text = await files.readText(path, { maxBytes: MOST_BYTES })
  try {
    return toRange(JSON.parse(text ?? ''))
  } catch {
    return undefined
  }
}

function toRange(value: unknown): WalRange | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const manifest = value as { 'WAL-Ranges'?: { 'Start-LSN'?: unknown; 'End-LSN'?: unknown }[]; Files?: { Size?: unknown }[] }
  const ranges = manifest['WAL-Ranges'] ?? []
  const [startLsn, stopLsn] = [ranges[0]?.['Start-LSN'], ranges.at(-1)?.['End-LSN']]
  if (typeof startLsn !== 'string' || typeof stopLsn !== 'string') return undefined
  return { startLsn, stopLsn, sizeBytes: (manifest.Files ?? []).reduce((sum, file) => sum + Number(file.Size ?? 0), 0) }
}
