import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { command } from '../scenario/a-process.ts'
import { onCommit, policy } from '../scenario/texts.ts'

const root = join(import.meta.dirname, '..', '..')
const environment = { PATH: process.env['PATH'] ?? '' }

function aFolder(t: TestContext, files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'watchbill-flows-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return folder
}

test('the flows of this repository are valid', async () => {
  const ran = await command(environment, root, 'validate', 'flows')
  assert.equal(ran.code, 0, ran.stderr)
})

test('a typo in a key exits 1 with file, line, column and the suggestion', async (t) => {
  const folder = aFolder(t, {
    'policy.yaml': policy,
    'on-commit.yaml': onCommit.replace('steps:', 'stepss:'),
  })
  const ran = await command(environment, root, 'validate', folder)
  assert.equal(ran.code, 1)
  assert.match(ran.stderr, new RegExp(`${folder}/on-commit.yaml:8:1: .*steps`))
  assert.doesNotMatch(ran.stderr, /at .*\.ts:\d+/)
})

test('--format json gives every problem with its code and place', async (t) => {
  const folder = aFolder(t, {
    'policy.yaml': policy,
    'on-commit.yaml': onCommit.replace('steps:', 'stepss:'),
  })
  const { items } = JSON.parse(
    (await command(environment, root, 'validate', folder, '--format', 'json')).stdout,
  ) as {
    items: { code: string; place: { line: number; column: number } }[]
  }
  assert.ok(items.some((one) => one.code === 'unknown-key' && one.place.line === 8 && one.place.column === 1))
})

test('--format github gives annotations that a hostile file cannot break out of', async (t) => {
  const folder = aFolder(t, { 'on-commit.yaml': onCommit.replace('steps:', '"a\\n::error::b": 1\nsteps:') })
  const { stdout } = await command(environment, root, 'validate', folder, '--format', 'github')
  for (const line of stdout.trim().split('\n'))
    assert.match(line, /^::(error|warning) file=[^,]+,line=\d+,col=\d+,title=[^:]+::/)
})

test('one file is checked with the files beside it', async (t) => {
  const folder = aFolder(t, {})
  cpSync(join(root, 'flows'), folder, { recursive: true })
  assert.equal((await command(environment, root, 'validate', join(folder, 'disk-watch.yaml'))).code, 0)
})

test('a folder that does not exist is said, with exit 1', async () => {
  const ran = await command(environment, root, 'validate', 'no-such-folder')
  assert.equal(ran.code, 1)
  assert.match(ran.stderr, /no-such-folder does not exist — /)
})

test('an unknown command exits 2', async () => {
  assert.equal((await command(environment, root, 'fly')).code, 2)
})

test('every command has help with an example', async () => {
  const listed = (await command(environment, root, '--help')).stdout
  const names = [...listed.matchAll(/^ {2}([a-z]+)(?: |$)/gm)]
    .map((match) => match[1] ?? '')
    .filter((name) => name !== 'help' && name !== 'watchbill')
  assert.deepEqual(
    names.toSorted(),
    'accept approvals approve cancel choose doctor done flows logs migrate reject resume retry run runs show start stop validate'.split(
      ' ',
    ),
  )
  for (const name of names)
    assert.match((await command(environment, root, name, '--help')).stdout, /Example:\n {2}/)
})
