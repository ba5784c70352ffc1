import { nearest } from './nearest.ts'
import type { OptionTable } from './options/option.ts'
import { childrenOf } from './options/tree.ts'

const PASSWORD_ADVICE =
  'a password does not belong in this file; write password_file, password_credential or password_environment, and change the password'

/** Says what is wrong with a key that no option has, and what was probably meant. Its value is never shown. */
export function describeUnknownKey(place: { readonly table: OptionTable; readonly prefix: string }, section: string, key: string): string {
  const children = childrenOf(place.table, section).map((child) => child.key)
  const shown = key.length > 64 ? `${key.slice(0, 64)}…` : key
  const path = `${place.prefix}${section === '' ? '' : `${section}.`}${shown.replace(/\p{C}/gu, '?')}`
  if (isPassword(key)) return `${path}: ${PASSWORD_ADVICE}`
  if (key === '') return `${path}: a key without a name`
  return `${path}: unknown key; ${adviseKey(place.table, children, key)}`
}

/** Whoever writes a password under a wrong name is told so all the same. */
function isPassword(key: string): boolean {
  return /^(password|passwd|pass|passphrase|pwd|secret)$/i.test(key)
}

function adviseKey(table: OptionTable, siblings: readonly string[], key: string): string {
  const near = nearest(key, siblings)
  if (near !== undefined) return `did you mean ${near}?`
  const elsewhere = Object.keys(table).find((path) => path.endsWith(`.${key}`))
  if (elsewhere !== undefined) return `did you mean ${elsewhere}?`
  return siblings.length > 0 ? `known here: ${siblings.join(', ')}` : 'nothing is known here'
}
