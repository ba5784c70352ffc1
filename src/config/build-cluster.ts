import type { ClusterConfig, LoginConfig } from './config.ts'
import type { APPLICATION_OPTIONS, CLUSTER_OPTIONS, STANDBY_OPTIONS, SUPERUSER_OPTIONS } from './options/clusters.ts'
import type { Values } from './options/option.ts'

const NO_PASSWORD = { file: undefined, credential: undefined, environment: undefined }

/** pgwatchd's own session where nothing else is said: as `postgres`, over the socket, by peer authentication. */
const DEFAULT_SUPERUSER: LoginConfig = { user: 'postgres', database: 'postgres', host: '', password: NO_PASSWORD }

/** One entry of `clusters`, with what it leaves out `undefined`. */
export function buildCluster(values: Values<typeof CLUSTER_OPTIONS>): ClusterConfig {
  return {
    name: values.name,
    dataDirectory: values.data_directory,
    binaryDirectory: values.binary_directory,
    socketDirectory: values.socket_directory,
    port: values.port,
    configFile: values.config_file,
    logFile: values.log_file,
    serviceManager: values.service_manager,
    unit: values.unit,
    superuser: values.superuser === undefined ? DEFAULT_SUPERUSER : buildLogin(values.superuser),
    application: values.application && buildLogin(values.application),
    standby: values.standby && { ...buildLogin(values.standby), port: values.standby.port },
    walArchive: values.wal_archive,
  }
}

/** The entry of a cluster that was discovered and has none in the file. */
export function defaultClusterConfig(name: string): ClusterConfig {
  return {
    name,
    dataDirectory: undefined,
    binaryDirectory: undefined,
    socketDirectory: undefined,
    port: undefined,
    configFile: undefined,
    logFile: undefined,
    serviceManager: 'systemd',
    unit: undefined,
    superuser: DEFAULT_SUPERUSER,
    application: undefined,
    standby: undefined,
    walArchive: undefined,
  }
}

type LoginValues = Values<typeof SUPERUSER_OPTIONS> | Values<typeof APPLICATION_OPTIONS> | Values<typeof STANDBY_OPTIONS>

/** The database is the user's namesake when none is named, as it is for libpq. */
function buildLogin(values: LoginValues): LoginConfig {
  return {
    user: values.user,
    database: values.database ?? values.user,
    host: values.host,
    password: { file: values.password_file, credential: values.password_credential, environment: values.password_environment },
  }
}
