import { playDay, type Day, type DayRun } from './day.ts'
import { playStory, type Story, type StoryRun } from './story.ts'

/** What a worker can be asked for. */
export type Task = Story | Day

export type RunOf<T extends Task> = T extends Story ? StoryRun : DayRun

export async function play<T extends Task>(task: T, onTrace?: (line: string) => void): Promise<RunOf<T>> {
  return (await (task.kind === 'day' ? playDay(task, onTrace) : playStory(task, onTrace))) as RunOf<T>
}

/** The command that plays it again, with a trace. */
export function commandOf(task: Task): string {
  const words = task.kind === 'day' ? [] : [`--scenario '${task.scenario}'`, ...task.strikes.map((strike) => `--strike ${strike}`)]
  return ['node scripts/simulate.ts', `--seed ${task.seed}`, ...words].join(' ')
}
