const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

interface Field {
  readonly lowest: number
  readonly highest: number
  /** Names that stand for numbers from `lowest` upwards. */
  readonly names: readonly string[]
}

const FIELDS: readonly Field[] = [
  { lowest: 0, highest: 59, names: [] },
  { lowest: 0, highest: 23, names: [] },
  { lowest: 1, highest: 31, names: [] },
  { lowest: 1, highest: 12, names: MONTHS },
  { lowest: 0, highest: 7, names: WEEKDAYS },
]

/** Whether `text` is a crontab's five fields: minute, hour, day of month, month, day of week. */
export function isSchedule(text: string): boolean {
  const fields = text.split(' ')
  return fields.length === FIELDS.length && FIELDS.every((field, index) => isFieldText(fields[index] ?? '', field))
}

function isFieldText(text: string, field: Field): boolean {
  return text.split(',').every((part) => isPart(part, field))
}

/** A part is a star, `4`, or `1-5`; star and range may carry a step: `1-5/2`. */
function isPart(text: string, field: Field): boolean {
  const [range = '', step, ...rest] = text.split('/')
  if (rest.length > 0) return false
  if (step !== undefined && !(isNumberWithin(step, 1, field.highest) && (range === '*' || range.includes('-')))) return false
  return range === '*' || isRange(range, field)
}

function isRange(text: string, field: Field): boolean {
  const ends = text.split('-').map((end) => numberOf(end, field))
  const [from, to = from] = ends
  return ends.length <= 2 && from !== undefined && to !== undefined && !ends.includes(undefined) && from <= to
}

function numberOf(text: string, field: Field): number | undefined {
  const named = field.names.indexOf(text.toLowerCase())
  if (named >= 0) return named + field.lowest
  return isNumberWithin(text, field.lowest, field.highest) ? Number(text) : undefined
}

function isNumberWithin(text: string, lowest: number, highest: number): boolean {
  return /^[0-9]{1,2}$/.test(text) && Number(text) >= lowest && Number(text) <= highest
}
