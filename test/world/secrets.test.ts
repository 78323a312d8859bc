// Secrets: only those that the policy names, never our own, and never too short to be kept secret.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { secretNameCharactersMax, secretNameFault } from '../../runner/model/secret-name.ts'
import { createSecrets, secretLimits } from '../../runner/world/secrets.ts'

function setup(t: TestContext, environment: Record<string, string>, names: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'watchbill-secrets-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const file = (content: string): string => {
    writeFileSync(join(folder, 'secret'), content)
    return join(folder, 'secret')
  }
  return { file, secrets: createSecrets(environment, () => names) }
}

test('a secret of the policy is found by its name', (t) => {
  const { secrets } = setup(t, { SHOP_TOKEN: 'shop-value' }, ['SHOP_TOKEN'])
  assert.equal(secrets.value('SHOP_TOKEN'), 'shop-value')
})

test('a secret that the policy does not name is not found', (t) => {
  const { secrets } = setup(t, { SHOP_TOKEN: 'shop-value' }, [])
  assert.equal(secrets.value('SHOP_TOKEN'), null)
  assert.equal(secrets.value('constructor'), null)
})

test('a secret can stand in a file, without the end of its line', (t) => {
  const { file } = setup(t, {}, [])
  const { secrets } = setup(t, { SHOP_TOKEN_FILE: file('shop-value\n') }, ['SHOP_TOKEN'])
  assert.equal(secrets.value('SHOP_TOKEN'), 'shop-value')
})

for (const name of [
  'ANTHROPIC_API_KEY',
  'GITHUB_TOKEN',
  'GITHUB_APP_PRIVATE_KEY',
  'DATABASE_URL',
  'WATCHBILL_PAGE_TOKEN',
  'PGPASSWORD',
  'GITHUB_TOKEN_FILE',
  'github_token',
])
  test(`the runner's own ${name} is not given, whatever the policy says`, (t) => {
    const { secrets } = setup(t, { [name]: 'own-value' }, [name])
    assert.equal(secrets.value(name), null)
    assert.deepEqual(
      secrets.problems().map((problem) => problem.name),
      [name],
    )
  })

for (const name of ['', '1A', 'A-B', 'A B', 'A=B', 'A'.repeat(secretNameCharactersMax + 1)])
  test(`${JSON.stringify(name.slice(0, 10))} is no name of a secret`, () =>
    assert.notEqual(secretNameFault(name), null))

for (const [what, environment] of Object.entries({
  'is not set': {},
  'is empty': { SHOP_TOKEN: '' },
  'is too short': { SHOP_TOKEN: 'x'.repeat(secretLimits.charactersMin - 1) },
  'is too long': { SHOP_TOKEN: 'x'.repeat(secretLimits.bytesMax + 1) },
  'stands in a file that is not there': { SHOP_TOKEN_FILE: '/no/such/file' },
  'stands in a folder': { SHOP_TOKEN_FILE: '/' },
}))
  test(`a secret that ${what} is not used, and people are told`, (t) => {
    const { secrets } = setup(t, environment, ['SHOP_TOKEN'])
    assert.equal(secrets.value('SHOP_TOKEN'), null)
    assert.deepEqual(
      secrets.problems().map(({ name }) => name),
      ['SHOP_TOKEN'],
    )
  })

test('what must not be seen holds the secrets of the policy and our own credentials', (t) => {
  const environment = {
    SHOP_TOKEN: 'shop-value',
    OTHER_TOKEN: 'other-value',
    GITHUB_TOKEN: 'github-value',
    DATABASE_URL: 'postgres://me:pass%2Fword@db/x',
    WATCHBILL_REPO: '/srv/flows',
  }
  const { secrets } = setup(t, environment, ['SHOP_TOKEN'])
  assert.deepEqual(
    new Set(secrets.values()),
    new Set(['shop-value', 'github-value', environment.DATABASE_URL, 'pass%2Fword', 'pass/word']),
  )
})

test('a secret stays hidden after its name was taken out of the policy', () => {
  let names = ['SHOP_TOKEN']
  const secrets = createSecrets({ SHOP_TOKEN: 'shop-value' }, () => names)
  assert.deepEqual(secrets.values(), ['shop-value'])
  names = []
  assert.equal(secrets.value('SHOP_TOKEN'), null)
  assert.deepEqual(secrets.values(), ['shop-value'])
})
