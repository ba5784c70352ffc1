import type { Config } from '../config/config.ts'
import { resolveClusters, type ResolvedCluster } from '../config/resolve.ts'
import type { PostgresFailure } from '../ports/postgres.ts'
import { runSetup, setupStatements, undoStatements } from '../probes/setup-database.ts'
import { composeBus, composeOutside } from './compose-cluster.ts'
import { composeHost, type Environment } from './compose.ts'

export interface SetupDatabaseRequest {
  readonly config: Config
  readonly environment: Environment
  readonly cluster?: string
  readonly mode: 'apply' | 'print' | 'undo'
  readonly io: { stdout(text: string): void; stderr(text: string): void; readonly isJson: boolean }
}

const TIMEOUT_MS = 15_000

interface SetupResult {
  readonly cluster: string
  readonly ok: boolean
  readonly statements: readonly string[]
  readonly error?: string
}

/** Creates, prints or removes the write probe's ring in each cluster. The result is the exit code. */
export async function setUpDatabase(request: SetupDatabaseRequest): Promise<number> {
  const parts = composeHost(request.environment, { format: 'auto', level: 'crit' })
  const { clusters, problems } = await resolveClusters(request.config, parts.host.files)
  const chosen = clusters.filter(({ cluster }) => request.cluster === undefined || cluster.name === request.cluster)
  if (chosen.length === 0) {
    request.io.stderr(
      [...problems, `there is no cluster${request.cluster === undefined ? '' : ` ${request.cluster}`} to set up`].join('\n') + '\n',
    )
    return 1
  }
  const results: SetupResult[] = []
  for (const resolved of chosen) results.push(await setUp(request, parts, resolved))
  if (request.io.isJson) request.io.stdout(`${JSON.stringify(results)}\n`)
  return results.every(({ ok }) => ok) ? 0 : 1
}

async function setUp(
  request: SetupDatabaseRequest,
  parts: ReturnType<typeof composeHost>,
  { cluster, config }: ResolvedCluster,
): Promise<SetupResult> {
  const statements = request.mode === 'undo' ? undoStatements() : setupStatements(config.application?.user)
  const say = (text: string): void => (request.io.isJson ? undefined : request.io.stdout(text))
  if (request.mode === 'print') {
    say(`${statements.map((statement) => `${statement};`).join('\n')}\n`)
    return { cluster: cluster.name, ok: true, statements }
  }
  const bus = composeBus(parts)
  const { postgres } = composeOutside(parts, bus, cluster, config, request.config.runtimeDirectory)
  const outcome = await runSetup({
    postgres,
    database: config.application?.database,
    statements,
    timeoutMs: TIMEOUT_MS,
    report: (statement) => say(`${cluster.name}: ${statement}\n`),
  })
  await bus.close()
  if (outcome.ok) return { cluster: cluster.name, ok: true, statements }
  const error = explain(cluster.name, outcome.statement, outcome.failure)
  if (!request.io.isJson) request.io.stderr(`${error}\n`)
  return { cluster: cluster.name, ok: false, statements, error }
}

function explain(cluster: string, statement: string, failure: PostgresFailure): string {
  const where = statement === '' ? 'cannot log in as the superuser' : `cannot run "${statement}"`
  return `${cluster}: ${where}: ${failure.message}; run it as the user postgres, with the server running`
}
