// A place where real runners work: a checkout, a store, a remote, and the people who answer.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { TestContext } from 'node:test'
import { aCheckout } from '../scenario/a-checkout.ts'
import { environmentOf, eventually, type RunnerProcess, startProcess } from '../scenario/a-process.ts'
import { freshLocation, type Kind } from '../store/bring.ts'
import { callControl, socketPath } from '../../runner/control/call.ts'
import { type Remote, startRemote } from './remote.ts'
import { filesFor, flowNames } from './remote-flows.ts'

export interface Site {
  readonly remote: Remote
  readonly databaseUrl: string | null
  /** Starts a runner; `other` has a data folder of its own and shares the database. */
  start(which?: 'first' | 'other'): Promise<RunnerProcess>
  /** Starts a runner and kills it so much later, up or not. */
  stillborn(afterMs: number): Promise<void>
  /** Triggers a flow; the run, or null when the runner did not accept. */
  trigger(runner: RunnerProcess, flow: string, n: number): Promise<string | null>
  /** Answers what is asked, by looking at the remote; gives how many questions there were. */
  answer(runner: RunnerProcess): Promise<number>
}

export interface SiteOptions {
  readonly kind: Kind
  /** How long the remote takes to answer. */
  readonly delayMs: number
}

export async function aSite(t: TestContext, { kind, delayMs }: SiteOptions): Promise<Site> {
  const remote = await startRemote(delayMs)
  t.after(() => remote.close())
  const { folder } = aCheckout(t, filesFor(remote))
  const location = await freshLocation(kind, t)
  const folders = { first: location.dataFolder, other: `${location.dataFolder}-other` }
  const homes = new Map<RunnerProcess, string>()
  const start = async (which: 'first' | 'other' = 'first'): Promise<RunnerProcess> => {
    const dataFolder = folders[which]
    const runner = await startProcess(t, environmentOf({ ...location, dataFolder }), folder)
    homes.set(runner, dataFolder)
    await eventually(() => flowsLoaded(runner), runner.output)
    return runner
  }
  return {
    remote,
    databaseUrl: location.databaseUrl,
    start,
    stillborn: (afterMs) => stillborn(environmentOf(location), folder, afterMs),
    trigger: (runner, flow, n) => trigger(runner, { flow, n, key: hookKeyIn(folders) }),
    answer: (runner) => answer(runner, remote, homes.get(runner) ?? location.dataFolder),
  }
}

const main = join(import.meta.dirname, '..', '..', 'runner', 'cli', 'main.ts')

async function stillborn(env: Record<string, string>, cwd: string, afterMs: number): Promise<void> {
  const child = spawn(process.execPath, [main, 'start'], { cwd, env, stdio: 'ignore' })
  const ended = once(child, 'exit')
  await sleep(afterMs)
  child.kill('SIGKILL')
  await ended
}

async function flowsLoaded(runner: RunnerProcess): Promise<true | null> {
  const { items } = await runner.get<{ items: unknown[] }>('/api/v1/flows')
  return items.length === flowNames.length ? true : null
}

/** The same for every runner of a database. */
function hookKeyIn({ first }: { readonly first: string }): string {
  return readFileSync(join(first, 'hook.key'), 'utf8').trim()
}

interface Trigger {
  readonly flow: string
  readonly n: number
  readonly key: string
}

async function trigger(runner: RunnerProcess, { flow, n, key }: Trigger): Promise<string | null> {
  try {
    const response = await fetch(`${runner.hooks}/hooks/${flow}/go`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ n }),
    })
    const body = (await response.json()) as { readonly run?: string }
    return response.status === 202 && body.run !== undefined ? body.run : null
  } catch {
    // The runner is not there, or not any more: whoever sends tries again.
    return null
  }
}

interface Question {
  readonly kind: string
  readonly code: string
  readonly state: string
  readonly parameters: readonly { readonly name: string; readonly value: unknown }[]
}

async function answer(runner: RunnerProcess, remote: Remote, dataFolder: string): Promise<number> {
  const { items } = await runner.get<{ items: Question[] }>('/api/v1/approvals?limit=200')
  const open = items.filter((one) => one.state === 'pending')
  for (const { kind, code, parameters } of open) {
    if (kind !== 'unknown') throw new Error(`nobody expected a question of kind ${kind}`)
    const input = Object.fromEntries(parameters.map(({ name, value }) => [name, value]))
    const { n } = input['body'] as { readonly n: number }
    const effect = `${new URL(String(input['url'])).pathname} ${n}`
    const choice = remote.of(effect).length > 0 ? 'succeeded' : 'again'
    await callControl(socketPath(dataFolder), { verb: 'choose', code, choice, by: 'local:ana' })
  }
  return open.length
}
