export interface Mail {
  /** `Message-ID` without brackets; the same at every try, so that a repeat can be recognised. */
  readonly messageId: string
  /** `In-Reply-To` and `References`: the first mail of the incident's thread. */
  readonly threadId?: string
  readonly subject: string
  readonly text: string
  /** `high` for CRITICAL and ERROR. */
  readonly priority: 'high' | 'normal'
  readonly writtenAtWallMs: number
}

export type Delivery =
  | { readonly ok: true; readonly detail: string }
  | {
      readonly ok: false
      /** False for what a later try can mend (connection, 4xx, timeout). */
      readonly permanent: boolean
      readonly detail: string
      readonly hint: string
    }

/** Sends one mail to the configured recipients, with a deadline. Never rejects. */
export interface Mailer {
  send(mail: Mail, timeoutMs: number, signal?: AbortSignal): Promise<Delivery>
}
