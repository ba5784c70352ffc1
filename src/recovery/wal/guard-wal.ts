import type { Command } from '../../core/cause.ts'
import type { Hindrance } from '../../core/hindrance.ts'
import { isCleanlyShutDown } from '../../core/postgres/control-file.ts'
import { keepFinding } from '../hindrances/kept-finding.ts'
import { hasOtherWal, readControlFile } from '../server/data-directory.ts'
import { tryToKeep } from '../server/incident-files.ts'
import type { StepContext, StepResult } from '../step.ts'
import type { WalDamage } from './check-wal.ts'
import { checkWal } from './check-wal.ts'
import { keepWal } from './keep-wal.ts'

/**
 * Lets a crashed server be started only where its WAL can be read to the end. Otherwise nothing is mended, copies are kept, and
 * nobody may start it until a person has decided: what a start would leave out is lost for good.
 */
export async function guardWal(context: StepContext, signal: AbortSignal): Promise<StepResult> {
  const controlFile = await readControlFile(context)
  if (controlFile === undefined || isCleanlyShutDown(controlFile.state) || (await hasOtherWal(context))) return { ok: true, did: [] }
  if (context.settings.wal.checkBudgetMs === 0) return { ok: true, did: [] }
  const verdict = await checkWal(context, controlFile, signal)
  if (verdict.status === 'damaged') return refuse(context, verdict.damage, signal)
  if (verdict.status === 'unchecked') return { ok: true, did: [], notDone: [`the WAL was not checked before the start: ${verdict.why}`] }
  return { ok: true, did: verdict.remark === '' ? [] : [verdict.remark] }
}

async function refuse(context: StepContext, damage: WalDamage, signal: AbortSignal): Promise<StepResult> {
  await context.outside.service.hold()
  const { did, notDone } = await keepWal(context, damage, signal)
  const hindrance = toHindrance(context, damage)
  const unkept = await tryToKeep('what was found', () => keepFinding(context, hindrance, pathsOf(context, damage)))
  return {
    ok: false,
    why: `the server is not started: ${hindrance.sentence}`,
    held: true,
    did,
    notDone: unkept === undefined ? notDone : [...notDone, unkept],
    keepsHold: true,
  }
}

function pathsOf({ cluster }: StepContext, { files }: WalDamage): readonly string[] {
  return [`${cluster.dataDirectory}/global/pg_control`, ...files.map((file) => `${cluster.dataDirectory}/pg_wal/${file}`)]
}

function toHindrance(context: StepContext, damage: WalDamage): Hindrance {
  const place = `${context.cluster.dataDirectory}/pg_wal/${damage.file}`
  return {
    cause: 'wal-damaged',
    place,
    sentence: damage.sentence,
    evidence: [
      ...(damage.behind === '' ? [] : [damage.behind]),
      'PostgreSQL itself would take the damage for the end of the WAL, and serve without what follows',
      'the same file from the archive or a standby mends it: put it in its place, and pgwatchd goes on by itself',
    ],
    commands: commandsFor(context, place),
  }
}

/** To serve without what is lost is a decision, which is made by starting the server while pgwatchd keeps its hands off. */
function commandsFor({ cluster, incidentDirectory }: StepContext, place: string): readonly Command[] {
  const start =
    cluster.serviceManager === 'systemd'
      ? `sudo systemctl start ${cluster.unit}`
      : `sudo -u postgres ${cluster.binaryDirectory}/pg_ctl start -D ${cluster.dataDirectory}`
  return [
    { shell: `sudo ls -l ${incidentDirectory}/wal    # the copies` },
    {
      shell: `sudo -u postgres cp ARCHIVE/${place.slice(place.lastIndexOf('/') + 1)} ${place}    # the whole file, from the archive or a standby`,
    },
    {
      shell: `pgwatchd pause --cluster ${cluster.name} && ${start}    # only to serve without what lies behind the damage: it is lost then`,
    },
  ]
}
