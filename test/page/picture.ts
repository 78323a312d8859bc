// Writes docs/overview.png, the picture of the README: the overview over a day that could have been.
// `node test/page/picture.ts`; it looks best where the fonts of the style are installed.

import { join } from 'node:path'
import { launchBrowser } from './browser.ts'
import { seedScene } from './scene.ts'
import { serve } from './view.ts'
import { freshDatabase } from '../store/bring.ts'

const nowMs = Date.UTC(2026, 10, 23, 0, 3)
const target = join(import.meta.dirname, '../../docs/overview.png')

const closers: (() => unknown)[] = []
const closing = { after: (close: () => unknown) => closers.push(close) } as unknown as Parameters<
  typeof freshDatabase
>[1]

const database = await freshDatabase('postgres', closing)
const { compiled } = await seedScene(database, nowMs)
const { url } = await serve(closing, { database, nowMs, compiled })
const browser = await launchBrowser()
const page = await browser.newPage({
  viewport: { width: 1240, height: 900 },
  deviceScaleFactor: 1.5,
  locale: 'en-GB',
  timezoneId: 'Asia/Seoul',
  colorScheme: 'light',
})
await page.clock.setFixedTime(nowMs)
await page.goto(url)
await page.locator('#zone', { hasText: 'Asia/Seoul' }).waitFor()
await page.screenshot({ path: target, fullPage: true })
await browser.close()
for (const close of closers.toReversed()) await close()
