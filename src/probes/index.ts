import { authentication } from './authentication.ts'
import { connection } from './connection.ts'
import { disk } from './disk.ts'
import { latency } from './latency.ts'
import type { Probe } from './probe.ts'
import { service } from './service.ts'
import { write } from './write.ts'

/** Every probe, in the order of cost; each may stand on the readings of those before it. */
export const PROBES: readonly Probe[] = [service, connection, authentication, latency, disk, write]
