import type { Damage } from './damage.ts'
import { killed } from './killed.ts'

/** Every kind of damage that the matrix knows. */
export const DAMAGES: readonly Damage[] = [killed]
