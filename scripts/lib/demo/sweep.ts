/** Removes what demos left behind whose own process was killed. */
import { removeLeftovers } from './leftovers.ts'

removeLeftovers()
