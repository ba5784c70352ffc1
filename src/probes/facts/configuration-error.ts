import type { Cluster } from '../../core/cluster.ts'
import type { Finding } from '../../core/facts.ts'
import type { Commands } from '../../ports/commands.ts'

const TIMEOUT_MS = 1400
const LONGEST = 1000

/**
 * What the server says against its own configuration, in its words on one line. `postgres -C`
 * reads the files exactly as a start does and touches nothing; `-C` comes first because only then root may run it.
 */
export async function findConfigurationError(cluster: Cluster, commands: Commands, signal: AbortSignal): Promise<Finding<string>> {
  const configFile = cluster.configFile === '' ? [] : ['-c', `config_file=${cluster.configFile}`]
  const file = `${cluster.binaryDirectory}/postgres`
  const result = await commands.run(
    { file, arguments: ['-C', 'port', '-D', cluster.dataDirectory, ...configFile], timeoutMs: TIMEOUT_MS },
    signal,
  )
  if (result.exitCode === undefined) return { status: 'unknown', why: `postgres -C was ended: ${result.outcome}` }
  if (result.exitCode === 0) return { status: 'none' }
  const said = result.stderr.trim().replaceAll('\n', '; ').slice(0, LONGEST)
  return { status: 'found', value: said || `postgres -C ended with exit code ${result.exitCode}` }
}
