import { CAUSE_TABLE } from '../../src/core/causes.ts'
import { DIAGNOSES } from '../../src/core/diagnoses/index.ts'
import { EVENT_TYPES, type EventType } from '../../src/core/event.ts'
import { type Mode, MODES } from '../../src/core/state.ts'
import { type Row, TRANSITIONS } from '../../src/core/transitions.ts'

type ShownRow = Row & { readonly when?: string }

/** `docs/states.md`, drawn from the table itself. */
export const statesGenerator = { file: 'docs/states.md', render }

function render(): string {
  return [
    '# The state machine',
    '',
    'Generated from `src/core/transitions.ts` by `npm run generate`; do not edit.',
    '',
    'Every tick makes one event of what the probes saw; the table answers it with the next mode, the effects and the reason. Rows are tried',
    'top to bottom, and the last one of a pair has no condition. The state is on disk before an effect is carried out.',
    '',
    ...diagram(),
    '',
    ...MODES.flatMap(section),
    ...causes(),
  ].join('\n')
}

function rowsOf(mode: Mode, event: EventType): readonly ShownRow[] {
  return TRANSITIONS[mode][event]
}

function diagram(): readonly string[] {
  const edges = MODES.flatMap((mode) =>
    EVENT_TYPES.flatMap((event) => rowsOf(mode, event).map((row) => ({ from: mode, to: row.to, event }))),
  )
  const moves = edges.filter(({ from, to }) => from !== to)
  const grouped = Map.groupBy(moves, ({ from, to }) => `${from} --> ${to}`)
  const lines = [...grouped].map(([arrow, group]) => `  ${arrow}: ${[...new Set(group.map(({ event }) => event))].join('<br>')}`)
  return ['```mermaid', 'stateDiagram-v2', '  [*] --> healthy', ...lines, '```']
}

function section(mode: Mode): readonly string[] {
  const rows = EVENT_TYPES.flatMap((event) => rowsOf(mode, event).map((row) => tableRow(event, row)))
  return [`## ${mode}`, '', '| event | when | next mode | effects | why |', '| --- | --- | --- | --- | --- |', ...rows, '']
}

function tableRow(event: EventType, row: ShownRow): string {
  return `| ${event} | ${row.when ?? ''} | ${row.to} | ${(row.do ?? []).join(', ')} | ${row.why} |`
}

function causes(): readonly string[] {
  const rows = Object.entries(CAUSE_TABLE).map(
    ([cause, facts]) => `| \`${cause}\` | ${facts.meaning} | ${facts.restartHelps ? 'yes' : 'no'} | ${facts.serving ? 'yes' : 'no'} |`,
  )
  return [
    '## Causes',
    '',
    `Diagnoses are tried in this order: ${DIAGNOSES.map(({ name }) => `\`${name}\``).join(', ')}. What none of them fits is \`unclear\`, and nothing is done.`,
    '',
    '| cause | meaning | can a restart help | does it still serve |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ]
}
