/** Everything that pgwatchd owns in a database is in this schema. */
export const SCHEMA = 'pgwatchd'
/** Rows that the write probe updates in turn, in place. */
export const RING = `${SCHEMA}.ring`
export const RING_ROWS = 100

/** One durable write of one row. No row in the answer: the ring is not filled. */
export const WRITE = `update ${RING} set writes = writes + 1, written_at = pg_catalog.clock_timestamp() where slot = $1::int2 returning slot`

/** SQLSTATEs that mean that the ring is missing or not granted: undefined table, schema or column, missing privilege. */
export const NOT_SET_UP_STATES: readonly string[] = ['42P01', '3F000', '42703', '42501']
