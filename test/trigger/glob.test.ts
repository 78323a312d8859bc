// Patterns of paths, and that none of them can be made to take long.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fitsGlob } from '../../runner/trigger/glob.ts'

for (const [pattern, fitting, other] of [
  ['README.md', ['README.md'], ['docs/README.md', 'README.mdx', 'readme.md']],
  ['*.md', ['a.md', '.md', '.hidden.md'], ['docs/a.md', 'a.mdx']],
  ['docs/*', ['docs/a', 'docs/.b'], ['docs/a/b', 'docs', 'docs2/a']],
  ['docs/**', ['docs/a', 'docs/a/b', 'docs/.a/b', 'docs'], ['docs2/a', 'x/docs/a']],
  ['docs/', ['docs/a', 'docs/a/b'], ['docs2/a']],
  ['**/*.sql', ['a.sql', 'x/a.sql', 'x/y/a.sql'], ['a.sqlx']],
  ['a/**/b', ['a/b', 'a/x/b', 'a/x/y/b'], ['a/x/c', 'b', 'a/xb']],
  ['v?.?', ['v1.2'], ['v1.23', 'v/.1']],
  ['a*b*c', ['abc', 'aXbYc', 'abbc'], ['ab/c', 'acb']],
  ['**', ['a', 'a/b'], []],
  ['a[1].{md,txt}', ['a[1].{md,txt}'], ['a1.md']],
] as const)
  test(`${pattern} fits ${fitting.join(', ')}${other.length > 0 ? ` and not ${other.join(', ')}` : ''}`, () => {
    for (const path of fitting) assert.equal(fitsGlob(path, pattern), true, path)
    for (const path of other) assert.equal(fitsGlob(path, pattern), false, path)
  })

test('no pattern takes long on any path', () => {
  const before = performance.now()
  assert.equal(fitsGlob(`${'a'.repeat(255)}b`, `${'*a'.repeat(100)}*c`), false)
  assert.equal(fitsGlob('a/'.repeat(500) + 'b', '**/'.repeat(100) + 'c'), false)
  assert.equal(fitsGlob('a/'.repeat(500) + 'b', '**/a/'.repeat(100) + 'b'), true)
  assert.ok(performance.now() - before < 200)
})
