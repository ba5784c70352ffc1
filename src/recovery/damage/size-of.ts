import type { StepContext } from '../step.ts'

/**
 * Bytes in the relations below `base`, added up until they pass `enoughBytes`; an estimate, because a file may grow
 * meanwhile and other tablespaces are not counted.
 */
export async function sizeOf(context: StepContext, enoughBytes: number): Promise<number> {
  const { files } = context.outside
  const base = `${context.cluster.dataDirectory}/base`
  let totalBytes = 0
  for (const database of (await files.list(base)) ?? []) {
    for (const name of (await files.list(`${base}/${database}`)) ?? []) {
      totalBytes += (await files.status(`${base}/${database}/${name}`))?.sizeBytes ?? 0
      if (totalBytes > enoughBytes) return totalBytes
    }
  }
  return totalBytes
}
