/** `pd_lsn`: the position in the WAL after the last record that changed the page. Its high half is written first. */
export function readPageLsn(page: Uint8Array): bigint {
  const view = new DataView(page.buffer, page.byteOffset, page.byteLength)
  return (BigInt(view.getUint32(0, true)) << 32n) | BigInt(view.getUint32(4, true))
}
