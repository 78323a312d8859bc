// Loading a claimed run: its flow, its policy, its state. What cannot be loaded ends this run, typed, and nothing else.

import type { Engine } from './engine.ts'
import { handBackRuns } from './hand-back.ts'
import { type Held, hold } from './held.ts'
import { leaveAllLimits } from './let-in.ts'
import { loadState, UnreadableJournal } from './load-state.ts'
import { Failure, recordedError } from '../model/error.ts'
import { untrustedInputs } from '../model/event.ts'
import { isOfTheStore } from '../store/database.ts'
import { listRunners } from '../store/runners.ts'
import type { HeldRun } from '../store/runs.ts'

/** Null when the run has failed by it, or was left to a newer runner. Throws when the store is ill. */
export async function load(engine: Engine, row: HeldRun): Promise<Held | null> {
  try {
    checkRow(row)
    const flow = await engine.flowVersion(row.version, untrustedInputs(row.event))
    const policy = await engine.policyVersion(row.policy)
    const state = await loadState(engine.database, row)
    return hold({ row, flow, policy, state }, engine.clock.monotonic())
  } catch (thrown) {
    // It says nothing about the run: whoever goes on tries again.
    if (isOfTheStore(thrown)) throw thrown
    if (thrown instanceof UnreadableJournal && thrown.written === 'newer' && (await newerLives(engine)))
      await leave(engine, row, thrown)
    else {
      engine.log.warn(
        { run: row.id, error: recordedError(thrown) },
        'a run cannot be continued and has failed',
      )
      await failRun(engine, row, thrown)
    }
    return null
  }
}

function checkRow({ event, inputs }: HeldRun): void {
  for (const [name, value] of Object.entries({ event, inputs }))
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new Failure('invalid', `the ${name} of the run in the store is not an object`, {
        remedy: 'restore the store from a backup, or start the flow again',
      })
}

/** Writes nothing when another holder has the run. */
export async function failRun(engine: Engine, row: HeldRun, thrown: unknown): Promise<void> {
  const error = recordedError(thrown)
  const fate = { is: 'end', status: 'failed', error, outputs: {} } as const
  const { id: run, epoch, parent, workingMs } = row
  const rest = { entries: [], priority: null, atMs: engine.clock.now() }
  if ((await engine.outcomes.push({ run, epoch, parent, fate, workingMs, ...rest })) === 'lost') return
  engine.changed(run)
  await engine.ended(run, 'open tickets')
  await leaveAllLimits(engine, run)
}

/** Whether a runner of a newer version works on this store now. */
async function newerLives(engine: Engine): Promise<boolean> {
  const runners = await listRunners(engine.database)
  const mine = runners.find((runner) => runner.id === engine.owner)
  const nowMs = engine.clock.now()
  return runners.some(
    (runner) => mine !== undefined && runner.leaseMs > nowMs && isNewer(runner.version, mine.version),
  )
}

function isNewer(one: string, other: string): boolean {
  return one.localeCompare(other, 'en', { numeric: true }) > 0
}

/** So that a busy newer runner is found and this one does not ask all the time. */
const leaveMs = 1_000

async function leave(engine: Engine, row: HeldRun, { message }: Error): Promise<void> {
  engine.log.info({ run: row.id, why: message }, 'a run is left to a newer runner')
  await engine.clock.sleep(leaveMs)
  await handBackRuns(engine, [{ id: row.id, epoch: row.epoch }])
}
