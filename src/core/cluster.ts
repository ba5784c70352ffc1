/** One PostgreSQL instance: a data directory, a port, a service. */
export interface Cluster {
  /** `15-main` on Debian: also the name of its state, its hold file and its instance unit. `[A-Za-z0-9._-]+` */
  readonly name: string
  /** Major version, such as 15; 0 when PG_VERSION could not be read. */
  readonly majorVersion: number
  readonly dataDirectory: string
  /** Where `pg_ctl`, `pg_checksums`, `postgres` of that version are. */
  readonly binaryDirectory: string
  /** Directory of the Unix socket. */
  readonly socketDirectory: string
  readonly port: number
  /** `postgresql.conf` when it is not in the data directory (Debian); otherwise empty. */
  readonly configFile: string
  /** The server's log; empty when unknown. */
  readonly logFile: string
  /** The logging collector writes the log: `current_logfiles` in the data directory tells the file, of which `logFile` is an earlier one. */
  readonly collectsLog?: true
  /** A directory of archived WAL files under their own names; absent when none is known. */
  readonly walArchive?: string
  readonly serviceManager: 'systemd' | 'pg_ctl'
  /** The instance unit, `postgresql@15-main.service`; empty for pg_ctl. */
  readonly unit: string
}
