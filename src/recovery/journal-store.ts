import { PLAN_NAMES } from '../core/cause.ts'
import type { Journal, JournalStep, JournalStore } from './pipeline.ts'

/** A text that can be replaced durably, also on a full disk. */
export interface DurableText {
  load(): Promise<string | undefined>
  save(text: string): Promise<void>
}

/** Keeps the journal as JSON in `text`. A text that is no journal of this version counts as none. */
export function createJournalStore(text: DurableText): JournalStore {
  return {
    async load() {
      const stored = await text.load()
      return stored === undefined ? undefined : parseJournal(stored)
    },
    save: (journal) => text.save(JSON.stringify(journal)),
  }
}

function parseJournal(text: string): Journal | undefined {
  const value = parseJson(text)
  return isJournal(value) ? value : undefined
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isJournal(value: unknown): value is Journal {
  const journal = value as Partial<Journal> | null | undefined
  return (
    journal?.version === 1 &&
    typeof journal.incidentId === 'string' &&
    typeof journal.attempt === 'number' &&
    typeof journal.resumptions === 'number' &&
    PLAN_NAMES.some((plan) => plan === journal.plan) &&
    ['open', 'succeeded', 'failed', 'held'].includes(journal.status ?? '') &&
    Array.isArray(journal.steps) &&
    journal.steps.every(isStep)
  )
}

function isStep(value: unknown): value is JournalStep {
  const step = value as Partial<JournalStep> | null | undefined
  return (
    typeof step?.name === 'string' && typeof step.status === 'string' && typeof step.detail === 'string' && typeof step.data === 'object'
  )
}
