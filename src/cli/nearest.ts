import { editDistance } from '../config/nearest.ts'

/** A word that was begun rightly is nearer than any that was mistyped. */
const DISTANCE_OF_BEGINNING = 0.5

function distanceOf(typed: string, candidate: string): number {
  return typed.length >= 2 && candidate.startsWith(typed) ? DISTANCE_OF_BEGINNING : editDistance(typed, candidate)
}

/** The command or option that was probably meant by `typed`; `undefined` when none is close. */
export function nearestOf(typed: string, candidates: readonly string[]): string | undefined {
  const near = candidates
    .map((name) => ({ name, distance: distanceOf(typed, name) }))
    .filter(({ name, distance }) => distance <= Math.max(1, Math.floor(Math.max(typed.length, name.length) / 3)))
    .sort((a, b) => a.distance - b.distance)
  return near[0]?.name
}
