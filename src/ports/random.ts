export interface Random {
  /** Hexadecimal digits, for identifiers. */
  hex(digits: number): string
  /** At least 0, below 1; for jitter. */
  fraction(): number
}
