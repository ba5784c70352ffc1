import { buildCluster } from './build-cluster.ts'
import type { Config } from './config.ts'
import type { FileValues } from './options/index.ts'

/** Puts the values of a file without mistakes into the shape that the daemon works with. */
export function buildConfig(values: FileValues): Config {
  return {
    clusters: values.clusters?.map(buildCluster),
    watch: buildWatch(values),
    probes: buildProbes(values),
    recovery: buildRecovery(values),
    backup: buildBackup(values),
    alerts: {
      repeatIntervalMs: values['alerts.repeat_interval'],
      minimumSeverity: values['alerts.minimum_severity'],
      mail: buildMail(values),
      summarySchedule: values['alerts.summary_schedule'],
    },
    log: { format: values['log.format'], level: values['log.level'], heartbeatMs: values['log.heartbeat'] },
    incidents: { keepMs: values['incidents.keep'], keepCount: values['incidents.keep_count'] },
    stateDirectory: values.state_directory,
    runtimeDirectory: values.runtime_directory,
  }
}

function buildWatch(values: FileValues): Config['watch'] {
  return {
    intervalMs: values['watch.interval'],
    confirmIntervalMs: values['watch.confirm_interval'],
    failures: values['watch.failures'],
    operatorStop: { action: values['watch.operator_stop.action'], graceMs: values['watch.operator_stop.grace'] },
  }
}

function buildProbes(values: FileValues): Config['probes'] {
  return {
    timeoutMs: {
      service: values['probes.timeout.service'],
      connection: values['probes.timeout.connection'],
      authentication: values['probes.timeout.authentication'],
      latency: values['probes.timeout.latency'],
      write: values['probes.timeout.write'],
      disk: values['probes.timeout.disk'],
    },
    latencyLimitMs: values['probes.latency_limit'],
    writeIntervalMs: values['probes.write_interval'],
    disk: {
      warnRatio: values['probes.disk.warn'],
      failRatio: values['probes.disk.fail'],
      horizonMs: values['probes.disk.horizon'],
    },
  }
}

function buildRecovery(values: FileValues): Config['recovery'] {
  return {
    mode: values['recovery.mode'],
    attempts: values['recovery.attempts'],
    windowMs: values['recovery.window'],
    cooldownMs: values['recovery.cooldown'],
    cooldownMaxMs: values['recovery.cooldown_max'],
    stop: {
      smartTimeoutMs: values['recovery.stop.smart_timeout'],
      fastTimeoutMs: values['recovery.stop.fast_timeout'],
      immediateTimeoutMs: values['recovery.stop.immediate_timeout'],
      killTimeoutMs: values['recovery.stop.kill_timeout'],
    },
    start: { stallTimeoutMs: values['recovery.start.stall_timeout'], requestTimeoutMs: values['recovery.start.request_timeout'] },
    wal: { checkBudgetMs: values['recovery.wal.check_budget'] },
    checksums: { check: values['recovery.checksums.check'], budgetMs: values['recovery.checksums.budget'], onlineSchedule: values['recovery.checksums.online_schedule'] },
    repair: {
      zeroDamagedPages: values['recovery.repair.zero_damaged_pages'],
      replayWal: values['recovery.repair.replay_wal'],
      restamp: values['recovery.repair.restamp'],
      stopForCatalogs: values['recovery.repair.stop_for_catalogs'],
      maxRelationBytes: values['recovery.repair.max_relation'],
      statementTimeoutMs: values['recovery.repair.statement_timeout'],
    },
    sessions: buildSessions(values),
    blockers: { policy: values['recovery.blockers.policy'], limitMs: values['recovery.blockers.limit'] },
    disk: {
      ballastBytes: values['recovery.disk.ballast'],
      walBallastBytes: values['recovery.disk.wal_ballast'],
      tablespaceBallastBytes: values['recovery.disk.tablespace_ballast'],
      logAgeMs: values['recovery.disk.log_age'],
    },
  }
}

function buildBackup(values: FileValues): Config['backup'] {
  return {
    kind: values['backup.kind'],
    directory: values['backup.directory'],
    schedule: values['backup.schedule'],
    verifySchedule: values['backup.verify_schedule'],
    drillSchedule: values['backup.drill_schedule'],
    pruneSchedule: values['backup.prune_schedule'],
    timeZone: values['backup.time_zone'],
    jitterMs: values['backup.jitter'],
    timeoutMs: values['backup.timeout'],
    jobs: values['backup.jobs'],
    rateLimitBytes: values['backup.rate_limit'],
    keepMs: values['backup.keep'],
    keepCount: values['backup.keep_count'],
    warnRatio: values['backup.warn'],
    maximumAgeMs: values['backup.maximum_age'],
    drillMaximumAgeMs: values['backup.drill_maximum_age'],
  }
}

function buildSessions(values: FileValues): Config['recovery']['sessions'] {
  return {
    policy: values['recovery.sessions.policy'],
    headroom: values['recovery.sessions.headroom'],
    idleInTransactionMs: values['recovery.sessions.idle_in_transaction'],
    idleMs: values['recovery.sessions.idle'],
    activeMs: values['recovery.sessions.active'],
    superusers: values['recovery.sessions.superusers'],
    spareUsers: values['recovery.sessions.spare_users'] ?? [],
  }
}

function buildMail(values: FileValues): Config['alerts']['mail'] {
  const to = values['alerts.mail.to']
  if (to === undefined) return undefined
  return {
    from: values['alerts.mail.from'],
    to,
    smtp: {
      host: values['alerts.mail.smtp.host'],
      port: values['alerts.mail.smtp.port'],
      security: values['alerts.mail.smtp.security'],
      user: values['alerts.mail.smtp.user'],
      password: {
        file: values['alerts.mail.smtp.password_file'],
        credential: values['alerts.mail.smtp.password_credential'],
        environment: values['alerts.mail.smtp.password_environment'],
      },
      timeoutMs: values['alerts.mail.smtp.timeout'],
    },
  }
}
