// A store for many plays: opened once, emptied between them, so that each begins with nothing.

import type { TestContext } from 'node:test'
import type { Flow } from '../../runner/model/flow.ts'
import type { Database } from '../../runner/store/database.ts'
import { freshDatabase, type Kind } from '../store/bring.ts'

export interface Store {
  readonly kind: Kind
  readonly database: Database
  /** Nothing is left but the versions of these flows. */
  empty(flows: readonly Flow[]): Promise<void>
}

export async function bringStore(kind: Kind, t: TestContext): Promise<Store> {
  const database = await freshDatabase(kind, t)
  return {
    kind,
    database,
    empty: async (flows) => {
      const tables = await tablesOf(database)
      // Rows are few: deleting them is a tenth of the work of truncating forty tables.
      await database.query(tables.map((table) => `delete from ${table};`).join('\n'))
      for (const flow of flows)
        await database.query(
          `insert into flow_version (hash, name, file, closure, created_ms) values ($1, $2, $3, '{}', 0)`,
          [flow.version, flow.name, flow.file],
        )
    },
  }
}

/** Those that refer to others before those they refer to. */
async function tablesOf(database: Database): Promise<readonly string[]> {
  const rows = await database.query<{ name: string; refers: number }>(
    `select format('%I.%I', n.nspname, c.relname) as name,
            (select count(*) from pg_constraint where conrelid = c.oid and contype = 'f')::int as refers
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind = 'r' and not c.relispartition and c.relname <> 'migration'
       and (n.nspname = 'public' or (n.nspname = 'pgboss' and c.relname like 'job%'))
     order by refers desc, name`,
    [],
  )
  return rows.map((row) => row.name)
}
