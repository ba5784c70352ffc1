import { describeBytes } from '../../../core/disk/bytes.ts'
import type { PersonCommand, SpaceHolder } from '../../../core/disk/holder.ts'
import { parseLsn } from '../../../core/postgres/lsn.ts'
import { parseSlotState, SLOT_STATE_BYTES } from '../../../core/postgres/slot-state.ts'
import type { Row } from '../../../ports/postgres.ts'
import type { HeldPlace, HolderGround, HolderQuestion } from './question.ts'
import { placeOf } from './question.ts'

const SLOTS_AT_MOST = 100
const TOLD_AT_MOST = 3
const SLOTS = `
  select slot_name, slot_type, coalesce(active_pid, 0)::text as active_pid,
         pg_catalog.pg_wal_lsn_diff(
           case when pg_catalog.pg_is_in_recovery() then pg_catalog.pg_last_wal_replay_lsn() else pg_catalog.pg_current_wal_lsn() end,
           restart_lsn)::bigint::text as kept
    from pg_catalog.pg_replication_slots
   where restart_lsn is not null
   limit ${SLOTS_AT_MOST}`

interface Slot {
  readonly name: string
  readonly kind: string
  /** The process that reads it; 0 when nobody does; `undefined` when that is not known. */
  readonly reader: number | undefined
  readonly keptBytes: number
}

/** WAL that is kept for whoever reads a replication slot, which may be nobody any more. */
export const replicationSlots: HolderQuestion = {
  name: 'replication-slots',
  async ask(ground) {
    const place = placeOf(ground, 'wal')
    if (place === undefined) return []
    const rows = await ground.questioner.ask(SLOTS)
    const slots = rows === undefined ? await slotsOnDisk(ground) : rows.map(toSlot)
    const most = slots.filter(({ keptBytes }) => keptBytes > 0).sort((one, other) => other.keptBytes - one.keptBytes)
    return most.slice(0, TOLD_AT_MOST).map((slot) => toHolder(slot, place))
  },
}

function toSlot(row: Row): Slot {
  return {
    name: String(row['slot_name']),
    kind: String(row['slot_type']),
    reader: Number(row['active_pid']),
    keptBytes: Number(row['kept']),
  }
}

/** Without a server: at least as much as lies before its last checkpoint. */
async function slotsOnDisk({ cluster, outside: { files }, controlFile }: HolderGround): Promise<readonly Slot[]> {
  const end = parseLsn(controlFile?.checkpointLsn ?? '')
  const directory = `${cluster.dataDirectory}/pg_replslot`
  const slots: Slot[] = []
  for (const name of ((await files.list(directory)) ?? []).slice(0, SLOTS_AT_MOST)) {
    const bytes = await files.read(`${directory}/${name}/state`, { maxBytes: SLOT_STATE_BYTES })
    const state = bytes && parseSlotState(bytes)
    if (state === undefined || end === undefined || state.restartLsn === 0n) continue
    slots.push({ name, kind: state.kind, reader: undefined, keptBytes: Number(end - state.restartLsn) })
  }
  return slots
}

function toHolder(slot: Slot, { device }: HeldPlace): SpaceHolder {
  const { name, reader, keptBytes } = slot
  const who = reader === undefined ? '' : reader === 0 ? ', which nobody reads,' : `, which process ${reader} reads too slowly,`
  const sentence = `the replication slot ${name}${who} keeps ${describeBytes(keptBytes)} of WAL`
  return { kind: 'replication-slot', device, bytes: keptBytes, sentence, commands: commandsFor(slot) }
}

/** Whether a slot may go is not for a program to judge: its reader may only be on holiday. */
function commandsFor({ name, kind, reader }: Slot): readonly PersonCommand[] {
  if (reader !== undefined && reader !== 0) {
    const text = 'select pid, application_name, client_addr, state, sent_lsn, replay_lsn, replay_lag from pg_stat_replication'
    return [{ as: 'sql', text, remark: 'how far behind the reader is' }]
  }
  const whom = kind === 'logical' ? 'its subscriber has to be synchronised anew' : 'its standby has to be made anew'
  const when = reader === undefined ? 'once the server runs again: ' : ''
  const remark = `${when}your decision: frees the WAL at the next checkpoint, and ${whom} if it ever comes back`
  return [{ as: 'sql', text: `select pg_drop_replication_slot('${name.replaceAll("'", "''")}')`, remark }]
}
