import type { Config } from '../config/config.ts'
import type { Resolution } from '../config/resolve.ts'
import { resolveClusters } from '../config/resolve.ts'
import type { Environment } from './compose.ts'
import { composeHost } from './compose.ts'

/** The clusters that `config` means on this host, and why others are not among them. Changes nothing. */
export async function findClusters(config: Config, environment: Environment): Promise<Resolution> {
  const { host } = composeHost({ ...environment }, { format: 'pretty', level: 'crit' })
  return await resolveClusters(config, host.files)
}
