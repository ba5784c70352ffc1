import type { StepContext } from '../step.ts'

const TIMEOUT_MS = 10_000

/** A value of the server's configuration as it would start with, or why the server refuses its configuration. */
export type ConfiguredValue = { readonly ok: true; readonly value: string } | { readonly ok: false; readonly why: string }

/**
 * Asks `postgres -C` for one setting; it reads the files exactly as a start does, needs no server and takes about 20 ms.
 * `-C` comes first because only then the program may also be run by root.
 */
export async function readConfigured(context: StepContext, name: string, signal: AbortSignal): Promise<ConfiguredValue> {
  const { cluster, outside } = context
  const file = `${cluster.binaryDirectory}/postgres`
  const configFile = cluster.configFile === '' ? [] : ['-c', `config_file=${cluster.configFile}`]
  const request = { file, arguments: ['-C', name, '-D', cluster.dataDirectory, ...configFile], timeoutMs: TIMEOUT_MS }
  const result = await outside.commands.run(request, signal)
  if (result.exitCode === 0) return { ok: true, value: result.stdout.trim() }
  const said = result.stderr.trim() === '' ? result.outcome : result.stderr.trim().replaceAll('\n', '; ')
  return { ok: false, why: `the server refuses its configuration: ${said}` }
}
