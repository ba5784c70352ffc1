import { OutsideError } from '../ports/outside-error.ts'
import type { Clock } from '../ports/clock.ts'
import type { Ending, Journal, JournalStep, JournalStore } from './pipeline.ts'
import type { StepName } from './step.ts'

/** The journal could not be made durable: from here on nothing may be done. */
export class JournalNotSaved extends Error {
  override readonly name = 'JournalNotSaved'
}

/** Told after each durable change of a step's status. */
export type StepListener = (name: StepName, status: JournalStep['status'], detail: string) => void

/** The journal of the attempt under way: each change is durable when its promise resolves, or rejects with `JournalNotSaved`. */
export interface Logbook {
  journal(): Journal
  entry(name: StepName): JournalStep | undefined
  /** What a step noted; `undefined` when it noted nothing. */
  recall(name: StepName): JournalStep['data'] | undefined
  mark(name: StepName, status: JournalStep['status'], detail: string): Promise<void>
  note(name: StepName, data: JournalStep['data']): Promise<void>
  giveUp(ending: Ending): Promise<void>
  close(status: 'succeeded' | 'failed' | 'held'): Promise<void>
  /** Counts one more resumption. */
  resume(): Promise<void>
}

/** Opens the logbook on `journal`, which is not saved by this alone. */
export function createLogbook(journal: Journal, store: JournalStore, clock: Clock, onStep: StepListener): Logbook {
  let current = journal
  const replace = async (next: Journal): Promise<void> => {
    await save(store, next)
    current = next
  }
  const put = (step: JournalStep): Promise<void> => replace({ ...current, steps: withStep(current.steps, step) })
  const entry = (name: StepName): JournalStep | undefined => current.steps.find((step) => step.name === name)
  return {
    journal: () => current,
    entry,
    recall(name) {
      const data = entry(name)?.data ?? {}
      return Object.keys(data).length === 0 ? undefined : data
    },
    async mark(name, status, detail) {
      await put({ name, status, detail, wallMs: clock.wallMs(), data: entry(name)?.data ?? {} })
      onStep(name, status, detail)
    },
    note: (name, data) => put({ status: 'began', detail: '', wallMs: clock.wallMs(), ...entry(name), name, data }),
    giveUp: (ending) => replace({ ...current, ending }),
    close: (status) => replace({ ...current, status }),
    resume: () => replace({ ...current, resumptions: current.resumptions + 1 }),
  }
}

async function save(store: JournalStore, journal: Journal): Promise<void> {
  try {
    await store.save(journal)
  } catch (error) {
    if (!(error instanceof OutsideError)) throw error
    throw new JournalNotSaved(`the journal could not be saved: ${error.message}`, { cause: error })
  }
}

function withStep(steps: readonly JournalStep[], step: JournalStep): readonly JournalStep[] {
  const known = steps.some((each) => each.name === step.name)
  return known ? steps.map((each) => (each.name === step.name ? step : each)) : [...steps, step]
}
