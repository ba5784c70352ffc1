/** What the daemon is to do after a decision; carried out in the order of the row, after the state is on disk. */
export const EFFECTS = [
  'open-incident',
  'close-incident',
  'start-recovery',
  'resume-recovery',
  'alert-person-needed',
  'alert-waiting',
  'alert-operator-stopped',
  'alert-recovered',
  'alert-recovered-without-us',
  'alert-recovery-failed',
  'alert-recovery-held',
  'alert-exhausted',
] as const

export type Effect = (typeof EFFECTS)[number]

/** Effects that are owed until they are carried out; the others are brought about by the next tick, or by the mode that is saved. */
export function isOwed(effect: Effect): boolean {
  return effect.startsWith('alert-') || effect === 'start-recovery' || effect === 'close-incident'
}

/** Effects after which a person knows of the incident. */
export function tellsPerson(effect: Effect): boolean {
  return effect.startsWith('alert-') || effect === 'start-recovery'
}
