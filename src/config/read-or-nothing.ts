import { OutsideError } from '../ports/outside-error.ts'

/** What `read` gives, or `undefined` where it may not look. For what is good to know and not needed. */
export async function readOrNothing<T>(read: () => Promise<T | undefined>): Promise<T | undefined> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof OutsideError) return undefined
    throw error
  }
}
