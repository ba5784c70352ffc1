/** Things to let go of, last in, first out. */
export interface Releasers {
  add(release: () => Promise<void> | void): void
  /** Releases everything once, also when a release fails; the failures are thrown together. */
  release(): Promise<void>
}

export function createReleasers(): Releasers {
  const stack: (() => Promise<void> | void)[] = []
  return {
    add: (release) => void stack.push(release),
    async release() {
      const failures: unknown[] = []
      for (let release = stack.pop(); release !== undefined; release = stack.pop()) {
        try {
          await release()
        } catch (error) {
          failures.push(error)
        }
      }
      if (failures.length > 0) throw new AggregateError(failures, 'not everything could be let go of')
    },
  }
}
