// What tests of the step words share: a store, actions that last, and runs carried to their end.

import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { aRunner, type Given, type RunnerUnderTest, type RunRow } from './a-runner.ts'
import { type SpyAction, spyAction } from './actions.ts'
import { freshDatabase } from '../store/bring.ts'
import type { Repetition } from '../../runner/model/action.ts'
import type { Database } from '../../runner/store/database.ts'
import { requestCancel } from '../../runner/store/runs.ts'
import { wakeRuns } from '../../runner/store/wake.ts'

let shared: Promise<Database> | null = null
let runners = 0

/** A runner on the database that the tests of one file share: their runs do not meet. */
export async function runnerOf(t: TestContext, given: Given): Promise<RunnerUnderTest> {
  // The file's end is this database's end, not the end of the test that was first.
  const file = { after: () => {} } as unknown as TestContext
  shared ??= freshDatabase('pglite', file)
  return aRunner(t, { owner: `w${++runners}`, ...given, database: await shared })
}

export interface Lasting {
  readonly action: SpyAction
  /** Resolves when it was called. */
  readonly begun: Promise<void>
  /** Lets it end well. */
  end(): void
}

/** An action that lasts until it is let go or told to stop. */
export function lasting(name: string, repetition: Repetition = 'read'): Lasting {
  let end = (): void => {}
  let begin = (): void => {}
  const over = new Promise<void>((resolve) => (end = resolve))
  const begun = new Promise<void>((resolve) => (begin = resolve))
  const action = spyAction(name, {
    repetition,
    run: (_, { signal }) => {
      begin()
      const stopped = new Promise<never>((_resolve, reject) =>
        signal.addEventListener('abort', () => reject(signal.reason as Error)),
      )
      return Promise.race([over.then(() => ({})), stopped])
    },
  })
  return { action, begun, end: () => end() }
}

const pauseMs = 5

/** Sweeps until the run has ended: what waits for a time goes on when it has come. */
export async function finish(runner: RunnerUnderTest, run: string): Promise<RunRow> {
  for (;;) {
    const row = await runner.until(run, 'parked', 'succeeded', 'failed', 'cancelled')
    if (row.status !== 'parked') return row
    await sleep(pauseMs)
    await runner.sweep.once()
  }
}

/** Asks for the end of a run, as the page does it; whoever holds it hears of it. */
export async function cancel(runner: RunnerUnderTest, run: string): Promise<void> {
  const { database, queue } = runner.engine
  await database.transaction(async (tx) => {
    await requestCancel(tx, run, 'local:ana')
    await wakeRuns(tx, queue, [run])
  })
  await runner.worker.news()
}

/** The runs that a run called, oldest first. */
export function calledBy(
  runner: RunnerUnderTest,
  run: string,
): Promise<{ readonly id: string; readonly status: string; readonly cancel_by: string | null }[]> {
  return runner.database.query('select id, status, cancel_by from run where parent = $1 order by id', [run])
}
