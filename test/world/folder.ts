// A real folder with something to read, something to write, and something that is nobody's business.

import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { createFolder } from '../../runner/world/files.ts'

export function setup(t: TestContext) {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'watchbill-files-')))
  t.after(() => rmSync(root, { recursive: true, force: true }))
  for (const folder of ['in', 'out', 'data', 'elsewhere']) mkdirSync(join(root, folder))
  writeFileSync(join(root, 'in/note.txt'), 'hello')
  writeFileSync(join(root, 'elsewhere/secret.txt'), 'secret')
  writeFileSync(join(root, 'data/store.db'), 'rows')
  const rules = {
    root,
    read: ['in', 'data'],
    write: ['out', 'data', 'new'],
    forbidden: [join(root, 'data'), join(root, 'out/.env')],
  }
  return { root, at: (path: string) => join(root, path), files: createFolder(rules), rules }
}

export const refused = { kind: 'refused' }
