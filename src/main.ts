import { processIo } from './cli/process-io.ts'
import { runCli } from './cli/run-cli.ts'

/** What still keeps the process alive this long after its command has ended is not waited for. */
const LINGER_MS = 2_000

/** argv to exit code; `pgwatchd run` is the daemon. */
async function main(): Promise<void> {
  process.exitCode = await runCli(process.argv.slice(2), processIo())
  setTimeout(() => process.exit(), LINGER_MS).unref()
}

void main()
