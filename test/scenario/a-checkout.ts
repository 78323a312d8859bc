// A repository of flows as a user has it: a real Git checkout that tests commit to.

import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'

export interface Checkout {
  readonly folder: string
  /** Writes files (null removes) and commits them; gives the commit. */
  commit(files: Readonly<Record<string, string | null>>, message?: string): string
}

export function aCheckout(t: TestContext, files: Readonly<Record<string, string>>): Checkout {
  const folder = mkdtempSync(join(tmpdir(), 'watchbill-checkout-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const git = (...args: string[]): string =>
    execFileSync('git', ['-C', folder, '-c', 'user.name=Ana', '-c', 'user.email=ana@example.com', ...args], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], HOME: folder, GIT_CONFIG_NOSYSTEM: '1' },
    }).trim()
  git('init', '--quiet', '--initial-branch=main')
  const checkout: Checkout = {
    folder,
    commit: (changes, message = 'change') => {
      for (const [path, text] of Object.entries(changes)) {
        const full = join(folder, path)
        mkdirSync(dirname(full), { recursive: true })
        if (text === null) rmSync(full)
        else writeFileSync(full, text)
      }
      git('add', '--all')
      git('commit', '--quiet', '--message', message)
      return git('rev-parse', 'HEAD')
    },
  }
  checkout.commit(files, 'begin')
  return checkout
}
