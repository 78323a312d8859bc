// The collected replies of GitHub, one by one: what the caller is told of each.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { createGitHub } from '../../runner/github/client.ts'
import { Failure } from '../../runner/model/error.ts'
import { systemClock } from '../../runner/world/clock.ts'
import { silentLog } from '../../runner/world/log.ts'
import type { Fault } from '../fakes/github/faults.ts'
import { startGitHub } from '../fakes/github/server.ts'

const nowMs = Date.UTC(2026, 10, 22, 9)
const issue = { repository: 'acme/ops', title: 'One', body: 'text', labels: [], assignees: [] }

const expected: Readonly<Record<string, Failure['kind']>> = {
  'created-then-cut': 'unavailable',
  'created-then-500': 'unavailable',
  '403-primary': 'rate_limited',
  '403-secondary-no-header': 'rate_limited',
  '403-permission': 'refused',
  '404-repo-gone': 'refused',
  '410-issues-disabled': 'refused',
  '422-body-too-long': 'invalid',
  'json-truncated': 'unavailable',
}

const path = new URL('../fixtures/faults/github-replies.json', import.meta.url)
const { cases } = JSON.parse(readFileSync(path, 'utf8')) as { cases: ({ readonly id: string } & Fault)[] }

for (const [id, kind] of Object.entries(expected))
  test(`${id} is ${kind}`, async (t) => {
    const { headers, ...fault } = cases.find((one) => one.id === id) ?? assert.fail(`there is no case ${id}`)
    const github = await startGitHub(t, { now: () => nowMs })
    await github.addRepository('acme/ops', { people: { runner: 'write' } })
    // The collection writes times as `now+900`.
    const reset = { ...headers, 'x-ratelimit-reset': String(nowMs / 1_000 + 900) }
    github.faults.add({ ...fault, ...(headers === undefined ? {} : { headers: reset }) })
    const clock = { ...systemClock, now: () => nowMs }
    const token = github.token('runner')
    const { actions } = createGitHub({ token, url: github.url, clock, log: silentLog, writeGapMs: 0 })
    await assert.rejects(
      actions.createIssue(issue),
      (error) => error instanceof Failure && error.kind === kind,
    )
  })
