import { asOwner } from '../../server/as-owner.ts'
import type { BackupGround, Outcome } from './backup.ts'
import { loginEnvironment } from './login-environment.ts'
import { quietly } from './quietly.ts'
import { refuse } from './refuse.ts'

const SAID_LINES = 3

export interface ToolRequest {
  /** One of PostgreSQL's own programs. */
  readonly tool: string
  readonly options: readonly string[]
  /** Default: those of the cluster's own login. */
  readonly environment?: Readonly<Record<string, string>>
  readonly input?: string
  readonly onLine?: (line: string) => void
}

/** Runs one of PostgreSQL's programs with the priority of the ground; the value is what it printed. */
export async function runTool(ground: BackupGround, request: ToolRequest, signal: AbortSignal): Promise<Outcome<string>> {
  const { outside, cluster, settings } = ground
  const { tool, options, environment, input, onLine } = request
  const program = quietly(ground.priority, `${cluster.binaryDirectory}/${tool}`, options)
  const result = await outside.commands.run(
    {
      ...(await asOwner(outside, cluster.dataDirectory, program)),
      environment: environment ?? (await loginEnvironment(ground)),
      timeoutMs: settings.timeoutMs,
      ...(input === undefined ? {} : { input }),
      ...(onLine === undefined ? {} : { onLine }),
    },
    signal,
  )
  if (result.exitCode === 0) return { ok: true, value: result.stdout }
  if (result.outcome === 'aborted') return refuse('aborted', 'it was broken off')
  if (result.outcome === 'timed-out') return refuse('timeout', `${tool} took longer than backup.timeout`, 'raise backup.timeout')
  const said = result.stderr.trim().split('\n').slice(-SAID_LINES).join('; ')
  return refuse(codeOf(result.stderr), `${tool} ended with ${result.exitCode ?? result.outcome}: ${said}`)
}

function codeOf(stderr: string): string {
  if (/No space left on device|Disk quota exceeded/.test(stderr)) return 'no-room'
  return /checksum (?:error|verification failed)|invalid page in block/.test(stderr) ? 'damaged' : 'tool'
}

/** "15.18" */
export async function versionOf({ outside, cluster }: BackupGround, tool: string, signal: AbortSignal): Promise<string> {
  const request = { file: `${cluster.binaryDirectory}/${tool}`, arguments: ['--version'], timeoutMs: 10_000 }
  const asked = await outside.commands.run(request, signal)
  return /\d+(?:\.\d+)*/.exec(asked.stdout)?.[0] ?? 'unknown'
}
