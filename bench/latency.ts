// From the request of a webhook to its answer on an idle runner, one after the other. The run is durable by then and its
// first step has started, so this is an upper bound of 'accepted to first step', with HTTP in it.

import { request, Agent } from 'node:http'
import {
  benchFolder,
  type BenchProcess,
  freshUrl,
  numberOf,
  quantile,
  round,
  startProcess,
  type Store,
  storesOf,
} from './part-process.ts'

const warmUpRuns = 100

interface Figures {
  readonly store: Store
  readonly runs: number
  /** From sending the request to its answer: the run is durable then, and its first step has started. */
  readonly p50_ms: number
  readonly p99_ms: number
}

export async function bench(args: readonly string[]): Promise<Figures> {
  const runs = numberOf(args, 'runs', 500)
  const figures: Figures[] = []
  for (const store of storesOf(args)) {
    figures.push(await measure(store, runs))
    console.log(JSON.stringify(figures.at(-1)))
  }
  return figures.reduce((worse, one) => (one.p50_ms > worse.p50_ms ? one : worse))
}

const pauseMs = 20

async function measure(store: Store, runs: number): Promise<Figures> {
  const folder = benchFolder()
  const runner = await startProcess(folder, await freshUrl(store))
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const times: number[] = []
  for (let n = 0; n < warmUpRuns + runs; n++) {
    const tookMs = await once(runner, agent)
    if (n >= warmUpRuns) times.push(tookMs)
    await new Promise((resolve) => setTimeout(resolve, pauseMs))
  }
  agent.destroy()
  await runner.stop()
  folder.remove()
  return { store, runs, p50_ms: round(quantile(times, 0.5), 2), p99_ms: round(quantile(times, 0.99), 2) }
}

function once({ hook, hookKey }: BenchProcess, agent: Agent): Promise<number> {
  return new Promise((resolve, reject) => {
    const begun = performance.now()
    const headers = { authorization: `Bearer ${hookKey}`, 'content-type': 'application/json' }
    const sent = request(hook, { method: 'POST', agent, headers }, (answer) => {
      answer.resume()
      if (answer.statusCode !== 202) return reject(new Error(`the webhook answered ${answer.statusCode}`))
      answer.once('end', () => resolve(performance.now() - begun))
    })
    sent.once('error', reject)
    sent.end('{}')
  })
}
