// A stand-in for GitHub on loopback: its API over HTTP, real bare repositories to clone and push, people to act.

import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'

import { listen, received, type Received } from '../loopback.ts'
import { answerApi } from './api.ts'
import { record } from './changes.ts'
import { type Fault, faults } from './faults.ts'
import { isGit, serveGit } from './git-http.ts'
import { type LimitControl, limits } from './limits.ts'
import { send } from './send.ts'
import { gitUrl, type Setting, setting } from './setting.ts'
import { type Effect, emptyWorld } from './world.ts'

export interface GitHub extends Setting {
  /** Base of the API, as GITHUB_API_URL names it. */
  readonly url: string
  /** What `git clone` takes; private repositories want a token as password. */
  gitUrl(repository: string): string
  readonly requests: readonly Received[]
  readonly effects: readonly Effect[]
  /** Requests and answers against GitHub's API description: each was answered 500. */
  readonly violations: readonly string[]
  readonly limits: LimitControl
  readonly faults: { add(...faults: readonly Fault[]): void; clear(): void }
  readonly close: () => Promise<void>
}

export interface GitHubOptions {
  readonly now?: () => number
  /** Requests an hour of somebody signed in. */
  readonly budget?: number
  /** At the end of the test, violations fail it unless they are `kept` for the test to look at. */
  readonly violations?: 'fail' | 'kept'
}

export async function startGitHub(t?: TestContext, options: GitHubOptions = {}): Promise<GitHub> {
  const now = options.now ?? Date.now
  const root = await mkdtemp(join(tmpdir(), 'watchbill-github-'))
  const requests: Received[] = []
  const violations: string[] = []
  const wrong = faults()
  const budget = limits({
    now,
    budget: options.budget ?? 5_000,
    accounts: () => [null, ...world.users.values()],
  })
  const loopback = await listen(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://fake')
    if (!pathname.startsWith('/api/v3/') && isGit(pathname))
      return serveGit(world, { request, response, root }, (repository, { user, app }) =>
        record({ world, repository, by: { user, app, via: 'api' } }, { is: 'pushed' }),
      )
    const call = await received(request)
    requests.push(call)
    return send(response, await answerApi({ world, limits: budget, faults: wrong, violations }, call), now)
  })
  const world = emptyWorld({ now, web: loopback.url })
  const close = async (): Promise<void> => {
    await loopback.close()
    await rm(root, { recursive: true, force: true })
  }
  t?.after(async () => {
    await close()
    if (options.violations !== 'kept') assert.deepEqual(violations, [])
  })
  return {
    ...setting(world, root),
    url: world.api,
    effects: world.effects,
    gitUrl: (name) => gitUrl(world, name),
    requests,
    violations,
    limits: budget.control,
    faults: wrong,
    close,
  }
}
