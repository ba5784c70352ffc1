/** One line of COPY's text format; `undefined` is NULL. */
export function toCopyLine(values: readonly (string | undefined)[]): string {
  return `${values.map((value) => (value === undefined ? '\\N' : escapeForCopy(value))).join('\t')}\n`
}

function escapeForCopy(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t')
}
