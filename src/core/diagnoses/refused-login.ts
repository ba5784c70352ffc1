import type { Diagnosis } from './diagnosis.ts'
import { quote, rejectedWith } from './diagnosis.ts'

/** Refusals by credentials, `pg_hba.conf`, missing database or missing privilege: the server is healthy. */
export const authBroken: Diagnosis = {
  name: 'auth-broken',
  examine(view) {
    const refused = rejectedWith(view, ['28', '3D000', '42501', '55000'])
    if (refused.length === 0) return { ruledOut: 'no login was refused' }
    const who = refused.some((reading) => reading.probe === 'connection') ? "pgwatchd's own superuser" : 'the application user'
    return { cause: 'auth-broken', response: 'person', verdict: `the server is up but refuses ${who}`, evidence: refused.map(quote) }
  },
}
