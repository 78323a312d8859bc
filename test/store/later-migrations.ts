// The migrations of a program of tomorrow: ours and one more.

import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'

const released = join(import.meta.dirname, '../../runner/store/migrations')

/** @param first the first line of the additional file */
export function laterMigrations(t: TestContext, first: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'watchbill-migrations-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  cpSync(released, folder, { recursive: true })
  const number = String(readdirSync(folder).length + 1).padStart(4, '0')
  writeFileSync(join(folder, `${number}-later.sql`), `${first}\nalter table meta add column more int;\n`)
  return folder
}
