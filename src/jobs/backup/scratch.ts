import type { Manifest } from '../../core/backup/manifest.ts'
import type { PrivateServerOptions } from '../../server/private-server.ts'
import { makeOwnedDirectory } from '../../server/owned-directory.ts'
import type { BackupGround } from './backup.ts'

const STOP_TIMEOUT_MS = 60_000

/** Where the parts of an unpacked backup lie. */
export interface ScratchPlaces {
  readonly dataDirectory: string
  readonly tablespaces: string
  readonly socketDirectory: string
  readonly configurationDirectory: string
}

export function scratchPlaces(directory: string): ScratchPlaces {
  return {
    dataDirectory: `${directory}/data`,
    tablespaces: `${directory}/tablespaces`,
    socketDirectory: `${directory}/s`,
    configurationDirectory: `${directory}/configuration`,
  }
}

/** Makes the folders of a scratch, owned by whoever owns the cluster: nobody else may enter them. */
export async function makeScratch({ outside, cluster }: BackupGround, directory: string, signal: AbortSignal): Promise<void> {
  const { socketDirectory, configurationDirectory } = scratchPlaces(directory)
  for (const path of [directory, socketDirectory, configurationDirectory]) await outside.files.makeDirectory(path, 0o700)
  for (const [name, content] of Object.entries(CONFIGURATION))
    await outside.files.writeDurably(`${configurationDirectory}/${name}`, content, 0o600)
  await makeOwnedDirectory(outside, directory, cluster.dataDirectory, signal)
}

/** Whoever reaches the socket may log in: only the owner of its directory does. */
const CONFIGURATION: Readonly<Record<string, string>> = {
  'postgresql.conf': '',
  'pg_hba.conf': 'local all all trust\n',
  'pg_ident.conf': '',
}

/** What a private server may not take from the server that was backed up: memory, and whatever reaches out of this host. */
const OWN: Readonly<Record<string, string>> = {
  shared_buffers: '128MB',
  huge_pages: 'off',
  restore_command: '',
  archive_command: '',
  wal_level: 'replica',
  synchronous_standby_names: '',
  max_wal_size: '2GB',
  log_statement: 'none',
  cluster_name: 'pgwatchd-private',
}

/** How a private server is started on an unpacked backup; its configuration is ours, whatever lies in the data directory. */
export function privateOptions(
  ground: BackupGround,
  manifest: Pick<Manifest, 'settings'>,
  directory: string,
  { durable }: { readonly durable: boolean },
): PrivateServerOptions {
  const { dataDirectory, socketDirectory, configurationDirectory } = scratchPlaces(directory)
  return {
    dataDirectory,
    binaryDirectory: ground.cluster.binaryDirectory,
    socketDirectory,
    user: ground.login.user,
    settings: {
      ...manifest.settings,
      ...OWN,
      ...(durable ? {} : { fsync: 'off', full_page_writes: 'off' }),
      config_file: `${configurationDirectory}/postgresql.conf`,
      hba_file: `${configurationDirectory}/pg_hba.conf`,
      ident_file: `${configurationDirectory}/pg_ident.conf`,
    },
    startTimeoutMs: ground.settings.timeoutMs,
    stopTimeoutMs: STOP_TIMEOUT_MS,
  }
}
