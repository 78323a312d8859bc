// A real Chromium for tests, out of an npm package: needs no installation and no root.

import chromium from '@sparticuz/chromium'
import { type Browser, chromium as engine } from 'playwright-core'

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export async function launchBrowser(): Promise<Browser> {
  return engine.launch({ executablePath: await chromium.executablePath(), args: flags, headless: true })
}
