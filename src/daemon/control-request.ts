import type { ControlRequest } from './control-protocol.ts'

export type ParsedRequest = { readonly ok: true; readonly request: ControlRequest } | { readonly ok: false; readonly why: string }

const LONGEST_TEXT = 256

const KINDS = {
  text: {
    expected: `one line of at most ${LONGEST_TEXT} characters`,
    accepts: (value: unknown) =>
      typeof value === 'string' && value !== '' && value.length <= LONGEST_TEXT && !/[\u0000-\u001f\u007f-\u009f]/.test(value),
  },
  flag: { expected: 'true or false', accepts: (value: unknown) => typeof value === 'boolean' },
  milliseconds: { expected: 'a whole number above 0', accepts: (value: unknown) => Number.isSafeInteger(value) && Number(value) > 0 },
} as const

interface Field {
  readonly kind: keyof typeof KINDS
  readonly required: boolean
}

const cluster: Field = { kind: 'text', required: false }
const by: Field = { kind: 'text', required: true }

/** What each request may carry besides its command. */
const FIELDS: Readonly<Record<ControlRequest['command'], Readonly<Record<string, Field>>>> = {
  status: {},
  probe: { cluster },
  recover: { cluster, planOnly: { kind: 'flag', required: true } },
  pause: { cluster, by, forMs: { kind: 'milliseconds', required: false } },
  resume: { cluster, by },
  restart: { cluster, planOnly: { kind: 'flag', required: true } },
  health: { cluster },
  why: { cluster },
  undo: { incident: { kind: 'text', required: true }, planOnly: { kind: 'flag', required: true }, by },
  'backup-create': { cluster },
  'backup-list': { cluster },
  'backup-show': { cluster, id: { kind: 'text', required: true } },
  'backup-verify': { cluster, id: { kind: 'text', required: true } },
  'backup-drill': { cluster, id: { kind: 'text', required: true } },
  'backup-restore': { cluster, id: { kind: 'text', required: true }, database: { kind: 'text', required: false } },
  'backup-drop-old': { cluster, planOnly: { kind: 'flag', required: true } },
  'backup-prune': { cluster, planOnly: { kind: 'flag', required: true } },
  'test-alert': {},
  reload: {},
}

function isCommand(value: unknown): value is ControlRequest['command'] {
  return typeof value === 'string' && Object.hasOwn(FIELDS, value)
}

function mistakeIn(record: Readonly<Record<string, unknown>>, fields: Readonly<Record<string, Field>>): string | undefined {
  for (const name of Object.keys(record)) {
    if (name !== 'command' && !Object.hasOwn(fields, name)) return `unknown field ${name.slice(0, LONGEST_TEXT)}`
  }
  for (const [name, { kind, required }] of Object.entries(fields)) {
    if (record[name] === undefined ? required : !KINDS[kind].accepts(record[name])) return `field ${name}: expected ${KINDS[kind].expected}`
  }
  return undefined
}

function parseRecord(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined
  } catch {
    return undefined
  }
}

/** A line of the control socket as a request, or why it is none. Nothing that is not in the protocol passes. */
export function parseControlRequest(line: string): ParsedRequest {
  const record = parseRecord(line)
  if (record === undefined) return { ok: false, why: 'the request is no JSON object' }
  if (!isCommand(record['command'])) return { ok: false, why: `unknown command; there are: ${Object.keys(FIELDS).join(', ')}` }
  const mistake = mistakeIn(record, FIELDS[record['command']])
  // The fields were checked one by one against the table of this very command.
  return mistake === undefined ? { ok: true, request: record as unknown as ControlRequest } : { ok: false, why: mistake }
}
