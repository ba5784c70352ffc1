import t from 'tap'
import { describeFault, readConfigurationFaults } from '../../../src/core/postgres/configuration-fault.ts'

t.test('the place of a mistake in a configuration file', async (t) => {
  const lines = [
    '2026-11-25 19:47:48.988 UTC [812] LOG:  unrecognized configuration parameter "no_such" in file "/etc/postgresql.conf" line 816',
    '2026-11-25 19:47:48.989 UTC [812] LOG:  syntax error in file "/etc/conf.d/a b.conf" line 3, near token "x"',
    '2026-11-25 19:47:48.989 UTC [812] FATAL:  configuration file "/etc/postgresql.conf" contains errors',
    '2026-11-25 19:47:49.001 UTC [813] LOG:  invalid authentication method "foo"',
    '2026-11-25 19:47:49.001 UTC [813] CONTEXT:  line 98 of configuration file "/etc/pg_hba.conf"',
    '2026-11-25 19:47:49.001 UTC [813] FATAL:  could not load pg_hba.conf',
  ]
  t.strictSame(readConfigurationFaults(lines).map(describeFault), [
    '/etc/postgresql.conf:816: unrecognized configuration parameter "no_such" in file "/etc/postgresql.conf" line 816',
    '/etc/conf.d/a b.conf:3: syntax error in file "/etc/conf.d/a b.conf" line 3, near token "x"',
    '/etc/pg_hba.conf:98: invalid authentication method "foo"',
  ])
  t.strictSame(readConfigurationFaults(['LOG:  database system is ready']), [])
})
