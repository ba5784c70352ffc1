/** What is known of the storage below the data directory, once it is suspect. */
export interface Hardware {
  /** Disks, as the kernel names them: `sda`, `nvme0n1`; empty when they cannot be told. */
  readonly disks: readonly string[]
  /** Where the data directory lies, what the kernel and the disks say: each a plain sentence. */
  readonly sentences: readonly string[]
}
