// From what somebody types to the thing that is meant.

import type { Database } from './database.ts'

export type Found =
  | { readonly is: 'flow' | 'run' | 'ticket'; readonly id: string }
  | { readonly is: 'commit'; readonly id: string; readonly seq: number }

const sql = `
select "is", id, seq from (
  (select 1 as rank, 'flow' as "is", name as id, 0 as seq from flow_head where name = $1 limit 1)
  union all
  (select 2, 'run', id, 0 from run where id >= $1 and id < $1 || '~' order by id desc limit 1)
  union all
  (select 3, 'commit', commit, seq from revision where commit >= $1 and commit < $1 || '~' limit 1)
  union all
  (select 4, 'ticket', id, 0 from ticket
   where code = $1 and state in ('proposed', 'opening', 'pending', 'approved') limit 1)
) found order by rank limit 1`

/** Fewer characters of an id would find anything. */
const charactersMin = 3

/** A flow by its name, a run or commit by the beginning of its id, an open question by its code; null: nothing. */
export async function find(database: Database, typed: string): Promise<Found | null> {
  const query = typed.trim().toLowerCase()
  if (query.length < charactersMin || !/^[a-z0-9-]+$/.test(query)) return null
  const [found] = await database.query<Found>(sql, [query])
  return found ?? null
}
