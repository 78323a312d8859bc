// A journal is read in pages that are bounded in entries and bytes, and none of it is missed.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { aBirth, aVersion } from './a-run.ts'
import { freshDatabase, type Kind, kinds } from './bring.ts'
import { insertRuns } from '../../runner/store/admission.ts'
import type { Database } from '../../runner/store/database.ts'
import { entriesOf, pageEntriesMax } from '../../runner/store/journal-pages.ts'

async function pagesOf(database: Database): Promise<number[][]> {
  const pages: number[][] = []
  for await (const page of entriesOf(database, 'r1')) pages.push(page.map((entry) => entry.seq))
  return pages
}

async function withJournal(
  t: TestContext,
  kind: Kind,
  { entries, bytes }: { readonly entries: number; readonly bytes: number },
): Promise<Database> {
  const database = await freshDatabase(kind, t)
  await aVersion(database)
  await insertRuns(database, [aBirth('r1'), aBirth('r2')])
  // Random, so that it is as large in the store as here.
  await database.query(
    `insert into journal (run, seq, epoch, at_ms, fact)
     select owner, n, 1, 0, jsonb_build_object('v', 1, 'is', 'waited', 'more', t.more)
     from generate_series(1, $1::int) n, unnest(array['r1', 'r2']) owner, lateral (
       select coalesce(string_agg(md5(random()::text || n || k), ''), '') as more from generate_series(1, $2::int) k) t`,
    [entries, Math.floor(bytes / 32)],
  )
  return database
}

for (const kind of kinds) {
  test(`${kind}: entries come in pages, each once and in order`, async (t) => {
    const database = await withJournal(t, kind, { entries: 2 * pageEntriesMax + 1, bytes: 0 })
    const pages = await pagesOf(database)
    assert.deepEqual(
      pages.map((page) => page.length),
      [pageEntriesMax, pageEntriesMax, 1],
    )
    assert.deepEqual(
      pages.flat(),
      Array.from({ length: 2 * pageEntriesMax + 1 }, (_, n) => n + 1),
    )
  })

  test(`${kind}: large entries make short pages`, async (t) => {
    const database = await withJournal(t, kind, { entries: 12, bytes: 640_000 })
    const pages = await pagesOf(database)
    assert.ok(
      pages.length > 1 && pages.every((page) => page.length < 10),
      pages.map((page) => page.length).join(' '),
    )
    assert.deepEqual(
      pages.flat(),
      Array.from({ length: 12 }, (_, n) => n + 1),
    )
  })

  test(`${kind}: an entry larger than a page is given alone`, async (t) => {
    const database = await withJournal(t, kind, { entries: 2, bytes: 5_000_000 })
    assert.deepEqual(await pagesOf(database), [[1], [2]])
  })
}
