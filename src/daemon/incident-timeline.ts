import type { TimelineEntry } from '../core/alert.ts'
import type { Incident } from '../core/incident.ts'

const FIRST_KEPT = 50
const LAST_KEPT = 150
const MAXIMUM_TEXT = 2000

/** The incident with one more entry; of a long timeline the first 50 and the last 150 are kept. */
export function withTimelineEntry(incident: Incident, entry: TimelineEntry): Incident {
  return withBoundedTimeline({ ...incident, timeline: [...incident.timeline, entry] })
}

/** The incident with what is too much of its timeline taken out of the middle. */
export function withBoundedTimeline(incident: Incident): Incident {
  const { timeline } = incident
  const kept = timeline.length <= FIRST_KEPT + LAST_KEPT ? timeline : [...timeline.slice(0, FIRST_KEPT), ...timeline.slice(-LAST_KEPT)]
  return { ...incident, timeline: kept.map(withBoundedText) }
}

function withBoundedText(entry: TimelineEntry): TimelineEntry {
  return entry.text.length <= MAXIMUM_TEXT ? entry : { ...entry, text: `${entry.text.slice(0, MAXIMUM_TEXT)} [...]` }
}
