import type { OptionTable } from './options/option.ts'
import type { TableReading } from './read-table.ts'
import type { Source } from './source.ts'

/** At most one of `password_file`, `password_credential` and `password_environment` below `section` ("" or "….") is set. */
export function checkOnePassword(source: Source, reading: Pick<TableReading<OptionTable>, 'offsets' | 'prefix'>, section: string): void {
  const set = ['password_file', 'password_credential', 'password_environment'].filter((key) => reading.offsets.has(section + key))
  const [first, second] = set
  if (first === undefined || second === undefined) return
  const offset = reading.offsets.get(section + second) ?? 0
  source.fail(offset, `${reading.prefix}${section}${second}: there is ${first} already; a password comes from one place`)
}
