import type { Statements } from '../../runner/store/database.ts'
import { entriesOf, type StoredEntry } from '../../runner/store/journal-pages.ts'

/** All entries of a run. */
export async function journalOf(statements: Statements, run: string): Promise<StoredEntry[]> {
  const all: StoredEntry[] = []
  for await (const page of entriesOf(statements, run)) all.push(...page)
  return all
}
