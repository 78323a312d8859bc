// The schema as text, out of the catalogue: the same words from every server version.

import type { Database } from '../../runner/store/database.ts'

const columnsSql = `
select c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
       || case when a.attnotnull then ' not null' else '' end
       || case when a.attidentity <> '' then ' identity' else '' end
       || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '') as line
from pg_attribute a
join pg_class c on c.oid = a.attrelid and c.relkind = 'r' and c.relnamespace = 'public'::regnamespace
left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
where a.attnum > 0 and not a.attisdropped
order by c.relname, a.attnum`

// Not-null constraints are rows of this catalogue only since version 18.
const constraintsSql = `
select conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) as line
from pg_constraint
where connamespace = 'public'::regnamespace and contype <> 'n'
order by conrelid::regclass::text, conname`

const indexesSql = `
select indexdef as line from pg_indexes where schemaname = 'public' order by tablename, indexname`

/** Tables, columns, constraints and indexes of ours, one per line. */
export async function schemaText(database: Database): Promise<string> {
  const parts = [columnsSql, constraintsSql, indexesSql].map((sql) =>
    database.query<{ line: string }>(sql, []),
  )
  const lines = (await Promise.all(parts)).map((rows) => rows.map((row) => row.line).join('\n'))
  return `${lines.join('\n\n')}\n`
}
