/** Why a client's line did not come. */
export type LineFailure = 'too-long' | 'closed'

/** One client of the control socket. */
export interface ControlConnection {
  /** Aborts when the client leaves, or when the server closes. */
  readonly signal: AbortSignal
  /** The first line, without its newline, of at most `maxBytes`. */
  readLine(maxBytes: number): Promise<{ readonly ok: true; readonly line: string } | { readonly ok: false; readonly why: LineFailure }>
  /** Resolves to true once the kernel has taken the line, to false when the client is gone. */
  writeLine(line: string): Promise<boolean>
  /** Ends politely: what was written is still sent. */
  end(): void
  /** Ends at once. */
  destroy(): void
}

export interface ListenRequest {
  /** At most 103 bytes: a name beside it is bound first. */
  readonly path: string
  readonly mode: number
  /** The group that is given the socket, where it exists and this process may give it. */
  readonly group: string
  /** Further clients are closed at once. */
  readonly maxConnections: number
}

/** A Unix stream socket on which operators ask the daemon. */
export interface ControlSocket {
  /**
   * Listens at `path`. A socket that nobody answers any more is replaced; one that is answered rejects with
   * `OutsideError` `EADDRINUSE`. The socket is never reachable with another mode than `mode`.
   */
  listen(request: ListenRequest, onConnection: (connection: ControlConnection) => void): Promise<{ close(): Promise<void> }>
}
