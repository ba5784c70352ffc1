/** Calls closer together than this become one. */
const QUIET_MS = 50

/** Passes the first call on at once, and of those that follow within 50 ms one, at the end. */
export function coalesce(listener: () => void): { call(): void; stop(): void } {
  let timer: NodeJS.Timeout | undefined
  let again = false
  let stopped = false

  function call(): void {
    if (stopped) return
    again = timer !== undefined
    if (again) return
    timer = setTimeout(rest, QUIET_MS).unref()
    listener()
  }

  function rest(): void {
    timer = undefined
    if (again) call()
  }

  return {
    call,
    stop() {
      stopped = true
      clearTimeout(timer)
    },
  }
}
