import { crc32c } from '../../../src/core/postgres/crc32c.ts'

/** Bytes of a control file as PostgreSQL writes it on little-endian 64-bit machines, its checksum right. */
export function makeControlFile(fields: {
  version?: number
  state?: number
  checkpoint?: bigint
  redo?: bigint
  timeline?: number
  minRecoveryTimeline?: number
}): Uint8Array {
  const bytes = new Uint8Array(8192)
  const view = new DataView(bytes.buffer)
  const version = fields.version ?? 1300
  view.setBigUint64(0, 7710445708704317087n, true)
  view.setUint32(8, version, true)
  view.setUint32(16, fields.state ?? 6, true)
  view.setBigUint64(32, fields.checkpoint ?? 0x17414f8n, true)
  view.setBigUint64(40, fields.redo ?? 0x17414c0n, true)
  view.setUint32(12, 202209061, true)
  view.setUint32(48, fields.timeline ?? 1, true)
  view.setBigInt64(104, 1_795_635_188n, true)
  view.setUint32(144, fields.minRecoveryTimeline ?? 0, true)
  view.setInt32(192, 5, true)
  view.setUint8(200, 1)
  view.setUint32(228, 16 << 20, true)
  view.setUint32(252, 1, true)
  const checksumAt = version === 1800 ? 292 : 288
  view.setUint32(checksumAt, crc32c(bytes.subarray(0, checksumAt)), true)
  return bytes
}
