// Strings that break other pages, in every field that reaches ours, looked at in a real browser.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test, type TestContext } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { freshDatabase } from '../store/bring.ts'
import { launchBrowser } from './browser.ts'
import { seedFlow, step, uses } from './flows.ts'
import { seedEverywhere, seedRun, sharp } from './hostile-rows.ts'
import { hashOf } from './rows.ts'
import { serve } from './view.ts'
import { visible } from '../../runner/status/html.ts'

const nowMs = Date.UTC(2026, 10, 22, 14, 3)
const fixtures = join(import.meta.dirname, '../fixtures')
const read = (name: string): unknown => JSON.parse(readFileSync(join(fixtures, name), 'utf8'))
const naughty = read('blns.json') as readonly string[]
const markdown = (read('markdown/injection.json') as { readonly cases: readonly string[] }).cases
const strings = [...naughty, ...markdown].map((text) => text.slice(0, 350))

let browser: Browser
before(async () => {
  browser = await launchBrowser()
})
after(() => browser.close())

async function open(t: TestContext): Promise<{ page: Page; complaints: string[] }> {
  const context = await browser.newContext()
  t.after(() => context.close())
  const page = await context.newPage()
  const complaints: string[] = []
  page.on(
    'dialog',
    (dialog) => void dialog.dismiss().then(() => complaints.push(`dialog ${dialog.message()}`)),
  )
  page.on('console', (line) => void (line.type() === 'error' && complaints.push(line.text())))
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on(
    'request',
    (asked) => void (new URL(asked.url()).hostname !== '127.0.0.1' && complaints.push(asked.url())),
  )
  return { page, complaints }
}

/** Markup that no page of ours has: whatever is found here came out of data. */
function foreignMarkup(page: Page): Promise<string[]> {
  return page.evaluate(`[...document.querySelectorAll('*')].filter((element) =>
    ['IMG','IFRAME','OBJECT','EMBED','STYLE','BASE','MARQUEE','VIDEO','AUDIO','MATH'].includes(element.tagName.toUpperCase())
    || (element.tagName === 'SCRIPT' && !/^\\/assets\\//.test(element.getAttribute('src') ?? ''))
    || element.getAttributeNames().some((name) => /^on|^style$|^formaction$/i.test(name))
    || /^\\s*(javascript|data|vbscript):/i.test(element.getAttribute('href') ?? '')).map((element) => element.outerHTML.slice(0, 120))`)
}

test('every naughty string shows as the text it is, in the journal and in the log', async (t) => {
  const database = await freshDatabase('postgres', t)
  const { url } = await serve(t, { database, nowMs })
  const { page, complaints } = await open(t)
  const run = await seedRun(database, nowMs, strings)
  let missing: string[] = []
  for (let from = 0; from < strings.length; from += 40) {
    await page.goto(`${url}/runs/${run}?after=${from}`)
    const texts = await page.locator('#journal pre').allTextContents()
    const expected = strings.slice(from, from + 40).map(visible)
    missing = missing.concat(expected.filter((text) => !texts.includes(text)))
    assert.deepEqual(await foreignMarkup(page), [])
  }
  assert.deepEqual(missing, [])
  const lines = await page.locator('ol.log li').allTextContents()
  const shown = strings.slice(-100).map(visible)
  assert.deepEqual(
    shown.filter((text) => !lines.some((line) => line.trim().endsWith(text.trim()))),
    [],
  )
  assert.deepEqual(complaints, [])
})

test('no field of any page becomes markup, whatever it holds', async (t) => {
  const database = await freshDatabase('postgres', t)
  const { run, ticket } = await seedEverywhere(database, nowMs)
  const { flow } = seedFlow({
    name: 'x',
    description: sharp,
    triggers: [],
    steps: [step('a', { work: uses(sharp), when: sharp, each: sharp, name: sharp })],
  })
  const view = {
    name: sharp,
    version: sharp,
    warnings: [{ words: sharp, remedy: sharp }],
    claude: { available: false, why: sharp },
  }
  const { url } = await serve(t, { database, nowMs, view, compiled: new Map([[hashOf('v'), flow]]) })
  const { page, complaints } = await open(t)
  for (const path of [
    '/',
    '/flows',
    '/flows/x',
    '/runs',
    `/runs/${run}`,
    '/approvals',
    `/approvals/${ticket}`,
    '/commits',
    '/spend',
  ]) {
    const response = await page.goto(url + path)
    assert.equal(response?.status(), 200, path)
    assert.deepEqual(await foreignMarkup(page), [], path)
    assert.ok(
      (await page.locator('body').textContent())?.includes(visible(sharp)),
      `${path} shows it as text`,
    )
  }
  const found = await page.goto(`${url}/find?q=${encodeURIComponent(sharp)}`)
  assert.equal(found?.status(), 404)
  assert.deepEqual(await foreignMarkup(page), [])
  assert.deepEqual(
    complaints.filter((line) => !line.includes('404')),
    [],
  )
})
