import { existsSync, readFileSync } from 'node:fs'
import t from 'tap'
import { EFFECTS } from '../../src/core/effect.ts'
import { EVENT_TYPES } from '../../src/core/event.ts'
import { GUARDS } from '../../src/core/guards.ts'
import { MODES } from '../../src/core/state.ts'
import { TRANSITIONS } from '../../src/core/transitions.ts'

const rows = MODES.flatMap((mode) =>
  EVENT_TYPES.flatMap((event) =>
    TRANSITIONS[mode][event].map((row, index, all) => ({ mode, event, row, isLast: index === all.length - 1 })),
  ),
)

t.test('every mode answers every event', async (t) => {
  t.strictSame(Object.keys(TRANSITIONS).sort(), [...MODES].sort())
  for (const mode of MODES) t.strictSame(Object.keys(TRANSITIONS[mode]).sort(), [...EVENT_TYPES].sort(), mode)
})

t.test('the last row of each answer, and no other, always matches', async (t) => {
  const wrong = rows.filter(({ row, isLast }) => (row.when === undefined) !== isLast)
  t.strictSame(wrong, [])
})

t.test('every row has its reason', async (t) => {
  t.strictSame(
    rows.filter(({ row }) => !/^[A-Z].{4,}[^.]$/.test(row.why)).map(({ row }) => row.why),
    [],
    'in one sentence, without a full stop',
  )
})

t.test('every mode, guard and effect is used', async (t) => {
  t.strictSame(
    MODES.filter((mode) => mode !== 'paused' && !rows.some(({ row, mode: from }) => row.to === mode && from !== mode)),
    [],
    'modes that are never entered',
  )
  t.strictSame(
    Object.keys(GUARDS).filter((guard) => !rows.some(({ row }) => row.when === guard)),
    [],
    'guards that are never asked',
  )
  t.strictSame(
    EFFECTS.filter((effect) => !rows.some(({ row }) => row.do?.includes(effect))),
    [],
    'effects that are never ordered',
  )
})

t.test('no act without an incident, and none while paused or exhausted by itself', async (t) => {
  const acts = rows.filter(({ row }) => row.do?.includes('start-recovery'))
  t.strictSame(
    acts.filter(({ row }) => row.to !== 'recovering' || row.do?.[0] !== 'open-incident'),
    [],
    'a recovery belongs to an incident',
  )
  t.strictSame(
    acts.filter(({ mode, event }) => mode === 'paused' || (mode === 'exhausted' && event !== 'recovery-requested')),
    [],
    'only an operator ends a pause or exhaustion',
  )
})

t.test('what is drawn is what is decided', async (t) => {
  t.ok(existsSync('docs/states.md'))
  const page = readFileSync('docs/states.md', 'utf8')
  t.strictSame(
    [...new Set(rows.map(({ row }) => row.why))].filter((why) => !page.includes(why)),
    [],
    'reasons that the page does not show',
  )
})
