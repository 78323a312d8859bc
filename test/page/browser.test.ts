// The pages as people meet them: in a real browser, light and dark, wide and narrow, with and without script.

import assert from 'node:assert/strict'
import { after, before, test, type TestContext } from 'node:test'
import { AxeBuilder } from '@axe-core/playwright'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { freshDatabase } from '../store/bring.ts'
import { launchBrowser } from './browser.ts'
import { type Scene, seedScene } from './scene.ts'
import { runnerView, serve } from './view.ts'
import type { RunnerView } from '../../runner/model/runner-view.ts'

const nowMs = Date.UTC(2026, 10, 22, 14, 3)

let browser: Browser
before(async () => {
  browser = await launchBrowser()
})
after(() => browser.close())

async function seeded(t: TestContext) {
  const database = await freshDatabase('postgres', t)
  const scene = await seedScene(database, nowMs)
  return { database, scene, ...(await serve(t, { database, nowMs, compiled: scene.compiled })) }
}

async function open(t: TestContext, options: BrowserContextOptions = {}) {
  const context = await browser.newContext({ locale: 'en-GB', timezoneId: 'Asia/Seoul', ...options })
  t.after(() => context.close())
  const page = await context.newPage()
  const complaints: string[] = []
  page.on(
    'console',
    (line) => void (['error', 'warning'].includes(line.type()) && complaints.push(line.text())),
  )
  page.on('pageerror', (error) => complaints.push(String(error)))
  return { page, complaints }
}

function pagesOf({ runs, tickets }: Scene): string[] {
  const flows = ['code-delivery', 'data-pipeline', 'price-watch']
  return [
    '/',
    '/flows',
    ...flows.map((name) => `/flows/${name}`),
    '/runs',
    ...['running', 'failed', 'done', 'timer', 'refund', 'unknown', 'queued'].map(
      (name) => `/runs/${runs[name]}`,
    ),
    '/approvals',
    `/approvals/${tickets['action']}`,
    '/commits',
    '/spend',
    '/nothing-here',
  ]
}

/** Opens everything that folds, so that the check sees it. */
async function unfold(page: Page): Promise<void> {
  await page.evaluate(`document.querySelectorAll('details').forEach((one) => { one.open = true })`)
}

async function faultsOf(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page })
    .setLegacyMode(true)
    .options({ resultTypes: ['violations'] })
    .analyze()
  const found = violations.map(
    (one) =>
      `${one.id}: ${one.nodes
        .map((node) => node.target.join(' '))
        .slice(0, 3)
        .join(', ')}`,
  )
  const overflow = await page.evaluate(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  )
  return Number(overflow) > 0 ? [...found, `scrolls sideways by ${String(overflow)} px`] : found
}

for (const colorScheme of ['light', 'dark'] as const) {
  for (const width of [1280, 360]) {
    test(`${colorScheme}, ${width} wide: no page has a fault of accessibility, a complaint or a sideways scroll`, async (t) => {
      const { scene, url } = await seeded(t)
      const { page, complaints } = await open(t, { colorScheme, viewport: { width, height: 900 } })
      const faults: string[] = []
      for (const path of pagesOf(scene)) {
        await page.goto(url + path)
        await unfold(page)
        faults.push(...(await faultsOf(page)).map((fault) => `${path} ${fault}`))
      }
      assert.deepEqual(faults, [])
      assert.deepEqual(
        complaints.filter((line) => !line.includes('404')),
        [],
      )
    })
  }
}

test('an empty store and a runner in trouble have no fault either, in Korean', async (t) => {
  const condition = { is: 'unreachable', why: 'connection refused', remedy: 'look at the network' } as const
  const head: RunnerView['head'] = {
    ...runnerView(nowMs).head,
    commit: null,
    branch: null,
    checkedMs: null,
    condition,
    policyOrigin: 'built-in',
  }
  const view: Partial<RunnerView> = {
    head,
    stopped: true,
    claude: { available: false, why: 'no key' },
    github: { configured: false },
  }
  const { url } = await serve(t, { database: await freshDatabase('postgres', t), nowMs, view })
  const { page, complaints } = await open(t, { locale: 'ko-KR', viewport: { width: 360, height: 800 } })
  for (const path of ['/', '/flows', '/runs', '/approvals', '/commits', '/spend']) {
    await page.goto(url + path)
    assert.deepEqual(await faultsOf(page), [], path)
  }
  assert.deepEqual(complaints, [])
})

test('without script every page is complete and says that its times are UTC', async (t) => {
  const { scene, url } = await seeded(t)
  const { page } = await open(t, { javaScriptEnabled: false })
  for (const path of pagesOf(scene)) {
    await page.goto(url + path)
    assert.ok((await page.locator('h1').first().textContent())?.trim())
    assert.match((await page.locator('#zone').textContent()) ?? '', /UTC/)
  }
  await page.goto(`${url}/runs/${scene.runs['done']}`)
  await page.locator('#journal summary').first().click()
  assert.ok(await page.locator('#journal .frame').first().isVisible())
})

test('with script times are in the zone of the reader, which is said', async (t) => {
  const { scene, url } = await seeded(t)
  const { page } = await open(t)
  await page.goto(`${url}/runs/${scene.runs['done']}`)
  await page.locator('#zone', { hasText: 'Asia/Seoul' }).waitFor()
  const element = page.locator('#run-head time[data-as="at"]').first()
  assert.match((await element.getAttribute('datetime')) ?? '', /T13:52/)
  assert.match((await element.textContent()) ?? '', /22 Nov, 22:52/)
})

test('a change appears by itself; what the reader opened stays open and nothing jumps', async (t) => {
  const { database, scene, server, url } = await seeded(t)
  const { page } = await open(t, { viewport: { width: 1280, height: 600 } })
  const run = scene.runs['doctor'] ?? ''
  await page.goto(`${url}/runs/${run}`)
  await page.locator('#journal summary').nth(1).click()
  await page.evaluate('window.scrollTo(0, 400)')
  const before = await page.evaluate('window.scrollY')
  const fact = {
    v: 1,
    is: 'succeeded',
    at: { step: 'rerun', element: null },
    attempt: 1,
    output: null,
    uses: 'http.request',
    risk: 'low',
    tookMs: 90,
  }
  await database.query('insert into journal (run, seq, epoch, at_ms, fact) values ($1, 90, 1, $2, $3)', [
    run,
    nowMs,
    JSON.stringify(fact),
  ])
  await page.locator('#live', { hasText: /\S/ }).waitFor()
  server.notify('run', run)
  await page.locator('#journal #e90').waitFor()
  assert.equal(
    await page
      .locator('#journal details')
      .nth(1)
      .evaluate((one) => (one as unknown as { open: boolean }).open),
    true,
  )
  assert.equal(await page.evaluate('window.scrollY'), before)
})

test('silence is said after 40 seconds', async (t) => {
  const { url } = await seeded(t)
  const { page } = await open(t)
  await page.clock.install()
  await page.goto(url)
  await page.locator('#live', { hasText: /\S/ }).waitFor()
  await page.route('**/events', (route) => route.abort())
  await page.clock.fastForward(60_000)
  await page.locator('#live', { hasText: 'No news for' }).waitFor()
})

test('the keyboard reaches the content first and sees where it is', async (t) => {
  const { url } = await seeded(t)
  const { page } = await open(t)
  await page.goto(url)
  await page.keyboard.press('Tab')
  assert.equal(await page.locator(':focus').getAttribute('class'), 'skip')
  assert.ok(await page.locator('.skip').isVisible())
  await page.keyboard.press('Enter')
  assert.equal(await page.locator(':focus').getAttribute('id'), 'main')
})

test('the filter of the runs works without script and stays in the address', async (t) => {
  const { url } = await seeded(t)
  const { page } = await open(t, { javaScriptEnabled: false })
  await page.goto(`${url}/runs?lang=en`)
  await page.getByLabel('Status').selectOption('failed')
  await page.getByRole('button', { name: 'Show' }).click()
  assert.match(page.url(), /lang=en&flow=&status=failed/)
  assert.equal(await page.locator('.runs > li').count(), 1)
})

test('what somebody types leads to the thing itself', async (t) => {
  const { scene, url } = await seeded(t)
  const { page } = await open(t)
  await page.goto(url)
  await page.getByRole('searchbox').fill(scene.runs['failed'] ?? '')
  await page.keyboard.press('Enter')
  await page.waitForURL(`**/runs/${scene.runs['failed']}`)
})

const firstPaint = `new Promise((resolve) => new PerformanceObserver((list) => {
  const paint = list.getEntriesByName('first-contentful-paint')[0]
  if (paint) resolve(paint.startTime)
}).observe({ type: 'paint', buffered: true }))`

test('the first paint on loopback comes within 300 ms even on a busy machine', async (t) => {
  const { url } = await seeded(t)
  const { page } = await open(t)
  await page.goto(url)
  const paints: number[] = []
  for (let n = 0; n < 5; n++) {
    await page.reload()
    paints.push(Number(await page.evaluate(firstPaint)))
  }
  t.diagnostic(`first paint, ms: ${paints.map(Math.round).join(' ')}`)
  assert.ok(Math.min(...paints) < 300)
})
