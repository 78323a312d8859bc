import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { readSettings, showSettings, variables } from '../../runner/world/settings.ts'

test('without a variable every setting has its default', () => {
  const settings = readSettings({})
  assert.equal(settings.page.port, 8000)
  assert.equal(settings.hooks.port, 8001)
  assert.equal(settings.concurrency, 256)
  assert.equal(settings.databaseUrl, null)
})

test('a wrong value stops with its name and what was expected, and a secret is not shown', () => {
  assert.throws(() => readSettings({ WATCHBILL_PORT: 'eight' }), {
    name: 'Stop',
    exitCode: 2,
    message: /WATCHBILL_PORT.*port/,
  })
  const wrong = { DATABASE_URL: 'mysql://root:hunter22@db' }
  assert.throws(
    () => readSettings(wrong),
    (error: Error) => /DATABASE_URL/.test(error.message) && !/hunter22/.test(error.message),
  )
})

test('the page does not listen beyond this machine without a token', () => {
  assert.throws(() => readSettings({ WATCHBILL_HOST: '0.0.0.0' }), { name: 'Stop' })
  assert.equal(
    readSettings({ WATCHBILL_HOST: '0.0.0.0', WATCHBILL_PAGE_TOKEN: 'x'.repeat(16) }).page.host,
    '0.0.0.0',
  )
})

test('a secret may stand in a file, and WATCHBILL_ENV_FILE adds what the environment does not say', () => {
  const folder = mkdtempSync(join(tmpdir(), 'watchbill-settings-'))
  writeFileSync(join(folder, 'key'), 'sk-ant-secret\n')
  writeFileSync(join(folder, 'env'), '# a comment\nWATCHBILL_PORT=9000\nexport WATCHBILL_HOOK_PORT="9001"\n')
  const settings = readSettings({
    ANTHROPIC_API_KEY_FILE: join(folder, 'key'),
    WATCHBILL_ENV_FILE: join(folder, 'env'),
    WATCHBILL_PORT: '7000',
  })
  assert.equal(settings.claude.apiKey, 'sk-ant-secret')
  assert.equal(settings.page.port, 7000)
  assert.equal(settings.hooks.port, 9001)
})

test('the table for people shows no secret', () => {
  const shown = showSettings({
    ANTHROPIC_API_KEY: 'sk-ant-secret',
    DATABASE_URL: 'postgres://u:hunter22@db/x',
  }).join('\n')
  assert.doesNotMatch(shown, /sk-ant-secret|hunter22/)
})

test('the operating guide names every variable', () => {
  const guide = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'OPERATING.md'), 'utf8')
  assert.deepEqual(
    variables.filter(({ name }) => !guide.includes(`\`${name}\``)).map(({ name }) => name),
    [],
  )
})
