// Three-step runs started over HTTP from a second process with 32 requests in flight: from the first request to the
// end of the last run, and the memory of the runner under that load.

import { request, Agent } from 'node:http'
import {
  benchFolder,
  type BenchProcess,
  freshUrl,
  numberOf,
  residentMb,
  round,
  startProcess,
  type Store,
  storesOf,
} from './part-process.ts'

const inFlight = 32
const warmUpRuns = 1_000

interface Figures {
  readonly store: Store
  readonly runs: number
  readonly runs_per_s: number
  readonly rss_mb: number
}

export async function bench(args: readonly string[]): Promise<Figures> {
  const runs = numberOf(args, 'runs', 20_000)
  const figures: Figures[] = []
  for (const store of storesOf(args)) {
    figures.push(await measure(store, runs))
    console.log(JSON.stringify(figures.at(-1)))
  }
  return figures.reduce((worse, one) => (one.runs_per_s < worse.runs_per_s ? one : worse))
}

async function measure(store: Store, runs: number): Promise<Figures> {
  const folder = benchFolder()
  const process = await startProcess(folder, await freshUrl(store))
  try {
    await load(process, warmUpRuns)
    await ended(process, warmUpRuns)
    let rssMb = 0
    const watching = setInterval(() => (rssMb = Math.max(rssMb, residentMb(process.pid))), 200)
    const begun = performance.now()
    await load(process, runs)
    await ended(process, warmUpRuns + runs)
    const seconds = (performance.now() - begun) / 1_000
    clearInterval(watching)
    return { store, runs, runs_per_s: Math.round(runs / seconds), rss_mb: round(rssMb, 0) }
  } finally {
    await process.stop()
    folder.remove()
  }
}

async function load(process: BenchProcess, runs: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: inFlight })
  let left = runs
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      while (left-- > 0) await start(process, agent)
    }),
  )
  agent.destroy()
}

function start({ hook, hookKey }: BenchProcess, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${hookKey}`, 'content-type': 'application/json' }
    const sent = request(hook, { method: 'POST', agent, headers }, (answer) => {
      answer.resume()
      if (answer.statusCode === 202) answer.once('end', resolve)
      else reject(new Error(`the webhook answered ${answer.statusCode}`))
    })
    sent.once('error', reject)
    sent.end('{}')
  })
}

/** The runner's own counter says when to look; the last word is how many it lists. */
async function ended({ page }: BenchProcess, runs: number): Promise<void> {
  for (;;) {
    const text = await (await fetch(`${page}/metrics`)).text()
    const counted = [...text.matchAll(/^watchbill_runs?_ended_total\{[^}]*\} (\d+)/gm)]
    if (counted.reduce((sum, [, count]) => sum + Number(count), 0) >= runs) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
