// Real work under simulated time: it is waited for until it is quiet, and only then time goes on.

import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises'
import type { Process, Site } from './process.ts'

const quietTurns = 5
/** Answers of Claude come over a real socket. */
const answerMsMax = 40

/** Resolves when nothing is in flight; what waits for simulated time waits on. */
export async function settle(
  site: Pick<Site, 'weather'>,
  process: Pick<Process, 'asking'> | null,
): Promise<void> {
  let waitedMs = 0
  for (let quiet = 0; quiet < quietTurns;) {
    await turn()
    if (site.weather.flying > 0) quiet = 0
    else if ((process?.asking() ?? 0) > 0 && waitedMs < answerMsMax) {
      await pause(1)
      waitedMs += 1
      quiet = 0
    } else quiet += 1
  }
}

const stepMs = 500
/** Simulated; longer than any time-out that work of ours has. */
const workMsMax = 3_600_000

/** What the work gives; null when the life ended before. Time goes on while it waits for time. */
export async function drive<Result>(
  site: Site,
  process: Process,
  work: Promise<Result>,
): Promise<Result | null> {
  const state: { result?: Result; over: boolean } = { over: false }
  const watched = work.then(
    (result) => Object.assign(state, { result, over: true }),
    (error: unknown) => {
      state.over = true
      throw error
    },
  )
  watched.catch(() => {})
  for (let waitedMs = 0; ; waitedMs += stepMs) {
    await settle(site, process)
    if (state.over) return (await watched).result ?? null
    if (process.dead()) return null
    if (waitedMs > workMsMax) throw new Error('work of the engine does not end')
    await site.clock.advance(stepMs)
  }
}
