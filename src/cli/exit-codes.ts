/** Exit codes with one meaning for every command. Those of `probe` follow monitoring's own convention. */
export const EXIT = {
  ok: 0,
  /** It was attempted, or refused by the daemon, and did not succeed. */
  failed: 1,
  /** `check-config`: mistakes in the file. */
  mistakes: 2,
  /** The daemon does not run, or may not be talked to. */
  noDaemon: 3,
  /** `EX_USAGE` of sysexits.h: unknown command or option. */
  usage: 64,
  /** `EX_SOFTWARE`: a bug in pgwatchd. */
  bug: 70,
  /** `EX_CONFIG`: the configuration cannot be used. */
  configuration: 78,
} as const

/** What the manual says of the codes that every command may end with. */
export const COMMON_EXIT_CODES: Readonly<Record<number, string>> = {
  [EXIT.ok]: 'success',
  [EXIT.usage]: 'the command line is wrong',
  [EXIT.bug]: 'pgwatchd itself is at fault',
}
