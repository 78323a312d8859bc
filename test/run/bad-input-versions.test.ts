// Stored flow versions that are gone, in whole or in part, are a typed failure with what to do.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { freshDatabase, kinds, type Kind } from '../store/bring.ts'
import { Failure } from '../../runner/model/error.ts'
import type { Head } from '../../runner/model/head.ts'
import { createVersions, type Versions } from '../../runner/run/versions.ts'
import type { Database } from '../../runner/store/database.ts'
import { keepVersions } from '../../runner/store/versions.ts'

const flow = `apiVersion: watchbill/v1
kind: Flow
name: f
description: A flow.
steps:
  - id: a
    approve: Go on?
`

async function setup(t: TestContext, kind: Kind): Promise<{ database: Database; versions: Versions }> {
  const database = await freshDatabase(kind, t)
  const closure = { 'f.yaml': flow, 'note.md': 'hello' }
  const version = { hash: 'v1', name: 'f', file: 'f.yaml', closure }
  await keepVersions(database, { versions: [version], hashOf: (text) => text.slice(0, 8) }, 0)
  const head = (): Head => {
    throw new Error('not asked for')
  }
  return { database, versions: createVersions(database, [], head) }
}

function isGone(error: unknown): boolean {
  return (
    error instanceof Failure && error.kind === 'invalid' && /not in the store any more/.test(error.message)
  )
}

for (const kind of kinds) {
  test(`${kind}: a version that was never stored, or is gone`, async (t) => {
    const { versions } = await setup(t, kind)
    await assert.rejects(versions.flow('v0'), isGone)
  })

  for (const file of ['apiVers', 'hello'])
    test(`${kind}: a version of which a file is gone (${file})`, async (t) => {
      const { database, versions } = await setup(t, kind)
      await database.query(`delete from blob where hash like $1 || '%'`, [file])
      await assert.rejects(versions.flow('v1'), isGone)
    })
}
