import type { Figure } from './figures.ts'

/** One chapter of the page. */
export interface Section {
  readonly title: string
  /** What was done to pgwatchd, and what counts as a failure. */
  readonly intro: string
  /** The suite whose figures it shows. */
  readonly suite: string
  /** Paragraphs and tables; called only with figures. */
  render(figures: readonly Figure[]): readonly string[]
}
