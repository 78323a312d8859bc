// watchbill retry, as a person uses it: what failed is mended, and the run goes on from there.

import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { aCheckout } from '../scenario/a-checkout.ts'
import { command, environmentOf, eventually, startProcess } from '../scenario/a-process.ts'
import { freshLocation } from '../store/bring.ts'

const policy = `apiVersion: watchbill/v1
kind: Policy
name: policy
files: { read: [out] }
`
const flow = `apiVersion: watchbill/v1
kind: Flow
name: report
description: Reads a file that must be there.
steps:
  - { id: begin, uses: log.record, with: { message: begun } }
  - { id: load, uses: file.read, with: { path: out/report.txt } }
`

test('a failed run is retried from what failed once that is mended, and wrong asking is told', async (t) => {
  const { folder } = aCheckout(t, { 'flows/policy.yaml': policy, 'flows/report.yaml': flow })
  const environment = environmentOf(await freshLocation('pglite', t))
  const ran = await command(environment, folder, 'run', 'report', '--json')
  assert.equal(ran.code, 1, ran.stderr)
  const { run } = JSON.parse(ran.stdout) as { run: { id: string; status: string } }
  assert.equal(run.status, 'failed')

  for (const args of [[run.id, '--from', 'laod'], ['zzzzzz']]) {
    const wrong = await command(environment, folder, 'retry', ...args)
    assert.equal(wrong.code, 1, wrong.stderr)
    assert.match(wrong.stderr.trim(), /^[^\n]+ — [^\n]+$/)
  }

  mkdirSync(join(folder, 'out'))
  writeFileSync(join(folder, 'out', 'report.txt'), 'here')
  const retried = await command(environment, folder, 'retry', run.id.slice(-6))
  assert.equal(retried.code, 0, retried.stderr)
  assert.match(retried.stdout, /begins again: load\n/)

  const runner = await startProcess(t, environment, folder)
  const shown = await eventually(
    async () => {
      const { stdout } = await command(environment, folder, 'show', run.id)
      return stdout.includes('succeeded') ? stdout : null
    },
    () => runner.output(),
  )
  assert.match(shown, /tried again from load/)
  await runner.stop()
})
