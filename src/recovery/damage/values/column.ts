/** A type as far as its values can be read here; domains stand for what they are built on. */
export interface ValueType {
  /** `pg_type.typname`. */
  readonly name: string
  /** Of an array. */
  readonly element?: StoredType
  /** Of an enum or an array of one: object identifier to label. */
  readonly labels: Readonly<Record<string, string>>
}

/** A type with how its values lie in a tuple or an array. */
export interface StoredType {
  readonly name: string
  /** `typlen`: -1 for a value with a varlena header, -2 for one that ends with a zero byte. */
  readonly length: number
  /** `typalign`: `c`, `s`, `i` or `d`. */
  readonly alignment: string
}

/** A column of a table or an index. */
export interface Column {
  /** Empty for a dropped one, and for one that is an expression. */
  readonly name: string
  readonly type: ValueType
  readonly length: number
  readonly alignment: string
  /** The text that rows have which are older than the column; `undefined` for NULL. */
  readonly missing: string | undefined
}

/**
 * Columns of what `attributes`, a query for rows of `pg_attribute` as `a`, yields, in the order of `a.attnum`. An ordinary
 * statement's rows for `toColumn`.
 */
export const selectColumns = (where: string): string => `
  select case when a.attisdropped then '' else a.attname::text end as name, coalesce(t.typname::text, '') as type,
         a.attlen::int as length, a.attalign::text as alignment,
         e.typname::text as element, e.typlen::int as element_length, e.typalign::text as element_alignment,
         (select pg_catalog.json_object_agg(x.oid, x.enumlabel)::text from pg_catalog.pg_enum x where x.enumtypid in (t.oid, e.oid)) as labels,
         case when a.atthasmissing then (a.attmissingval::text::text[])[1] end as missing
    from pg_catalog.pg_attribute a
    left join lateral (
      with recursive base as (
        select p.* from pg_catalog.pg_type p where p.oid = a.atttypid
        union all
        select p.* from pg_catalog.pg_type p join base on base.typtype = 'd' and p.oid = base.typbasetype)
      select * from base where typtype <> 'd' limit 1) t on true
    left join pg_catalog.pg_type e on e.oid = t.typelem and t.typcategory = 'A'
   where ${where} and a.attnum > 0
   order by a.attnum`

export function toColumn(row: Readonly<Record<string, unknown>>): Column {
  const text = (name: string): string => String(row[name])
  const labels = row['labels'] === null ? {} : (JSON.parse(text('labels')) as Readonly<Record<string, string>>)
  const element =
    row['element'] === null
      ? {}
      : { element: { name: text('element'), length: Number(row['element_length']), alignment: text('element_alignment') } }
  return {
    name: text('name'),
    type: { name: text('type'), labels, ...element },
    length: Number(row['length']),
    alignment: text('alignment'),
    missing: row['missing'] === null ? undefined : text('missing'),
  }
}
