import { describeRefusal } from '../core/postgres/configuration-fault.ts'
import { findConfigurationError } from '../probes/facts/configuration-error.ts'
import type { Watch } from './watch.ts'

const LOGIN_TIMEOUT_MS = 2_000
const RULES = 'select line_number, error from pg_catalog.pg_hba_file_rules where error is not null limit 5'

/** What a start would refuse of the server's configuration files, each a clause; empty when it accepts them. */
export async function findRefusals(watch: Watch): Promise<readonly string[]> {
  const { cluster, outside, abort } = watch
  const refused = await findConfigurationError(cluster, outside.commands, abort)
  if (refused.status !== 'found') return findWrongRules(watch)
  return describeRefusal(refused.value)
}

/** `postgres -C` does not read the access rules; the server tells what it would refuse of them. */
async function findWrongRules({ outside, abort }: Watch): Promise<readonly string[]> {
  const opened = await outside.postgres.open({ role: 'superuser', timeoutMs: LOGIN_TIMEOUT_MS, purpose: 'watch' }, abort)
  if (!opened.ok) return []
  try {
    const answer = await opened.value.query({ text: RULES, timeoutMs: LOGIN_TIMEOUT_MS }, abort)
    return answer.ok ? answer.value.map((row) => `pg_hba.conf:${String(row['line_number'])}: ${String(row['error'])}`) : []
  } finally {
    await opened.value.close()
  }
}
