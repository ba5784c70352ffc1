import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import type { SmtpSink } from '../../../test/support/smtp-sink.ts'
import { startSmtpSink } from '../../../test/support/smtp-sink.ts'
import type { Client } from './client.ts'
import { startClient } from './client.ts'
import type { DemoCluster } from './cluster.ts'
import { makeCluster, writeConfig } from './cluster.ts'
import type { Daemon } from './daemon.ts'
import { pgwatchd, startDaemon } from './daemon.ts'
import { findIdentity } from './identity.ts'
import { stagePrefix } from './leftovers.ts'
import type { Narrator } from './narrator.ts'
import { makeVolume } from './small-disk.ts'
import type { Volume } from './small-disk.ts'

const BALLAST = '16MB'

/** Everything that takes part. */
export interface Stage {
  readonly volume: Volume
  readonly cluster: DemoCluster
  readonly client: Client
  readonly daemon: Daemon
  readonly sink: SmtpSink
  readonly narrator: Narrator
}

function makeDirectory(owner: { readonly uid: number; readonly gid: number }): string {
  const directory = mkdtempSync(stagePrefix(process.pid))
  chmodSync(directory, 0o755)
  for (const name of ['state', 'run']) {
    mkdirSync(join(directory, name))
    chownSync(join(directory, name), owner.uid, owner.gid)
  }
  chownSync(directory, owner.uid, owner.gid)
  return directory
}

function tellMail(narrator: Narrator, sink: SmtpSink): void {
  let told = 0
  const timer = setInterval(() => {
    for (const mail of sink.mails.slice(told)) narrator.tell('mail', mail.subject)
    told = sink.mails.length
  }, 20)
  timer.unref()
}

/** Builds the stage below a directory of its own, which `removeLeftovers` finds again whatever happens. */
export async function buildStage(narrator: Narrator): Promise<Stage> {
  const identity = findIdentity()
  const directory = makeDirectory(identity)
  const volume = makeVolume(identity, directory)
  const cluster = await makeCluster(identity, directory, volume.path)
  const sink = await startSmtpSink()
  tellMail(narrator, sink)
  const config = writeConfig({ cluster, directory, smtpPort: sink.port, ballast: volume.whyNotSmall === '' ? BALLAST : '0' })
  const [file = '', ...words] = pgwatchd(identity, 'setup-database', '--config', config)
  execFileSync(file, words, { cwd: directory, stdio: ['ignore', 'ignore', 'inherit'] })
  const client = await startClient(cluster, narrator)
  const daemon = await startDaemon(identity, config, directory, narrator)
  narrator.tell('demo', `PostgreSQL ${cluster.version} and pgwatchd run as ${identity.user} in ${directory}, from here on ~demo`)
  narrator.abbreviate(directory)
  return { volume, cluster, client, daemon, sink, narrator }
}

/** Ends what takes part in good order; the files are removed by `removeLeftovers`. */
export async function closeStage(stage: Stage): Promise<void> {
  await stage.client.stop()
  await stage.daemon.stop()
  await stage.sink.close()
}
