// Memory of a whole runner: idle, a while after the start, on both stores.

import {
  benchFolder,
  freshUrl,
  numberOf,
  residentMb,
  round,
  startProcess,
  type Store,
  storesOf,
} from './part-process.ts'

interface Figures {
  readonly store: Store
  readonly idle_rss_mb: number
}

export async function bench(args: readonly string[]): Promise<Figures> {
  const settleMs = numberOf(args, 'settle', 20) * 1_000
  const figures: Figures[] = []
  for (const store of storesOf(args)) {
    figures.push(await measure(store, settleMs))
    console.log(JSON.stringify(figures.at(-1)))
  }
  return figures.reduce((worse, one) => (one.idle_rss_mb > worse.idle_rss_mb ? one : worse))
}

/** The second start: the first one also makes the store. */
async function measure(store: Store, settleMs: number): Promise<Figures> {
  const folder = benchFolder()
  const url = await freshUrl(store)
  await (await startProcess(folder, url)).stop()
  const runner = await startProcess(folder, url)
  await new Promise((resolve) => setTimeout(resolve, settleMs))
  const idle = residentMb(runner.pid)
  await runner.stop()
  folder.remove()
  return { store, idle_rss_mb: round(idle, 0) }
}
