declare const PGWATCHD_VERSION: string | undefined

/** Set by the build; `development` when run from the source tree. */
export const VERSION: string = typeof PGWATCHD_VERSION === 'string' ? PGWATCHD_VERSION : 'development'
