// Reading a journal without holding it: page by page, each bounded in entries and bytes.

import type { Statements } from './database.ts'
import type { Json } from '../model/json.ts'

/** An entry as it stands in the store; whoever folds it looks first whether it is one. */
export interface StoredEntry {
  readonly seq: number
  readonly epoch: number
  readonly at_ms: number
  readonly fact: Json
}

export const pageEntriesMax = 1_000
/** A single entry may be larger. */
const pageBytesMax = 4_194_304
const pageEntriesMin = 16

// Rows of a page may be cut off by the bytes; then `found` is more than what is given. What is stored compressed
// counts with the size that it has here.
const pageSql = `
select seq, epoch, at_ms, fact, found from (
  select seq, epoch, at_ms, fact, bytes, count(*) over ()::int as found, sum(bytes) over (order by seq) as bytes_so_far
  from (
    select seq, epoch, at_ms, fact, case when pg_column_compression(fact) is null then pg_column_size(fact)
                                         else octet_length(fact::text) end as bytes
    from journal where run = $1 and seq > $2 order by seq limit $3) as page) as sized
where bytes_so_far - bytes <= $4 order by seq`

const beforeFirst = -2_147_483_648

/**
 * The entries of one run in order, what was committed when each page is read. Read after the claim: in its statement
 * the snapshot would miss what was committed while it waited for the row.
 */
export async function* entriesOf(
  statements: Statements,
  run: string,
): AsyncGenerator<readonly StoredEntry[]> {
  let after = beforeFirst
  for (let max = pageEntriesMax; ;) {
    const parameters = [run, after, max, pageBytesMax]
    const rows = await statements.query<StoredEntry & { readonly found: number }>(pageSql, parameters)
    const last = rows.at(-1)
    if (last === undefined) return
    yield rows
    after = last.seq
    const cut = rows.length < last.found
    if (!cut && last.found < max) return
    // Where entries are large, the server does not unpack a thousand of them to give four.
    max = cut ? Math.max(pageEntriesMin, 2 * rows.length) : pageEntriesMax
  }
}
