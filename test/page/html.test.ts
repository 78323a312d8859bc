import assert from 'node:assert/strict'
import { test } from 'node:test'
import { html, visible, webAddress } from '../../runner/status/html.ts'

test('text in a template is escaped, in content and in attributes', () => {
  const evil = `<img src=x onerror="alert(1)"> & 'more'`
  assert.equal(
    html`<p title="${evil}">${evil}</p>`.toString(),
    '<p title="&lt;img src=x onerror=&quot;alert(1)&quot;&gt; &amp; &#39;more&#39;">&lt;img src=x onerror=&quot;alert(1)&quot;&gt; &amp; &#39;more&#39;</p>',
  )
})

test('markup made by a template is not escaped again', () => {
  const items = ['a', '<b>'].map((item) => html`<b>${item}</b>`)
  assert.equal(html`<i>${items}</i>`.toString(), '<i><b>a</b><b>&lt;b&gt;</b></i>')
})

test('the indentation of a template is left out, that of a value is kept', () => {
  const value = 'a\n    b'
  const made = html`<pre>    ${value}</pre>`
  assert.match(made.toString(), /a\n {4}b/)
  assert.doesNotMatch(made.toString(), /pre>\n {2}/)
})

test('an object that only looks like markup is text or nothing', () => {
  const forged = { toString: () => '<script>' } as unknown as string
  assert.throws(() => html`${forged}`.toString())
})

test('nothing, null and false leave no trace', () => {
  assert.equal(html`[${null}${undefined}${false}${''}${0}]`.toString(), '[0]')
})

test('characters that hide or turn text around are written out', () => {
  assert.equal(
    visible('a\u202Eb\u200Bc\u{E0041}d\uFEFF\u0007\uD800'),
    'a⟨U+202E⟩b⟨U+200B⟩c⟨U+E0041⟩d⟨U+FEFF⟩⟨U+0007⟩⟨U+D800⟩',
  )
})

test('line breaks, tabs, Korean and joined emoji stay as they are', () => {
  assert.equal(visible('줄\n\t👨‍👩‍👧\r\n'), '줄\n\t👨‍👩‍👧\n')
})

test('only web addresses become links', () => {
  assert.equal(webAddress('https://github.com/acme/ops/issues/1'), 'https://github.com/acme/ops/issues/1')
  for (const url of [
    'javascript:alert(1)',
    'data:text/html,x',
    ' https://a',
    'https://a" onclick="x',
    '//a.example',
    null,
  ])
    assert.equal(webAddress(url), null)
})
