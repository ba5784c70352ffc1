import { constants } from 'node:os'
import { getSystemErrorMap } from 'node:util'

/** Node knows no name for it on Linux. */
const EDQUOT = 122

const NAMES = getSystemErrorMap()

/** The error with which `node:fs` rejects: `ENOSPC: no space left on device, write '/x'`. */
export function systemError(code: string, syscall: string, path: string): NodeJS.ErrnoException {
  const number = code === 'EDQUOT' ? EDQUOT : (constants.errno as Readonly<Record<string, number>>)[code]
  if (number === undefined) throw new Error(`no errno has the name ${code}`)
  const [name, text] = NAMES.get(-number) ?? [`Unknown system error -${number}`, `Unknown system error -${number}`]
  return Object.assign(withoutStack(`${name}: ${text}, ${syscall} '${path}'`), { errno: -number, code: name, syscall, path })
}

/** Looking for a missing file is no event, and a stack costs more than the look. */
function withoutStack(message: string): Error {
  const before = Error.stackTraceLimit
  Error.stackTraceLimit = 0
  const error = new Error(message)
  Error.stackTraceLimit = before
  return error
}
