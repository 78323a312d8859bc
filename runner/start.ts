// The runner: starts everything in order, and stops it in reverse.

import { hostname } from 'node:os'
import { resolve } from 'node:path'
import { assemble, type Assembled, type AssembleOptions } from './assembly/assemble.ts'
import { socketPath } from './control/call.ts'
import { listenControl } from './control/socket.ts'
import { flowLookup } from './assembly/flow-lookup.ts'
import { keepHookKey } from './assembly/hook-key.ts'
import { loop } from './assembly/loop.ts'
import { watchSchema } from './assembly/schema-watch.ts'
import { createSweep, leaseMs, sweepEveryMs } from './run/sweep.ts'
import type { StatusServer } from './status/parts.ts'
import { createStatusServer } from './status/server.ts'
import { register, unregister } from './store/runners.ts'
import { startTriggers } from './assembly/triggers.ts'
import { programVersion } from './version.ts'
import { runnerView } from './assembly/view.ts'
import { processId } from './world/process.ts'

export interface Started {
  readonly assembled: Assembled
  /** Nothing new is taken; what runs is finished or handed back within ten seconds. */
  stop(): Promise<void>
}

export interface Runner extends Started {
  /** Resolves when a newer program upgraded the store to what this one cannot live with. */
  readonly outdated: Promise<string>
  readonly page: { readonly port: number }
  readonly hooks: { readonly port: number }
}

type StartOptions = Omit<AssembleOptions, 'purpose'>

/** What has to be undone, the last first. */
type Undo = () => Promise<unknown>

/** The whole runner: engine, page, control socket, triggers. */
export async function startRunner(options: StartOptions): Promise<Runner> {
  return starting(options, async (assembled, undo) => {
    const { settings, clock, log, random } = options
    const dataFolder = resolve(settings.dataFolder)
    const startedMs = clock.now()
    const presence = await enlist(assembled, options)
    undo.push(() => presence.end())
    const status = statusServer(assembled, options, startedMs)
    const page = await status.listen()
    undo.push(() => status.close())
    undo.push(work(assembled, options, presence))
    const socket = await listenControl(socketPath(dataFolder), assembled.control)
    undo.push(() => socket.close())
    const hookKey = await keepHookKey(assembled.database, random, dataFolder)
    const triggers = await startTriggers({ assembled, options, hookKey })
    undo.push(() => triggers.stop())
    undo.push(follow(assembled, options, () => triggers.looked()))
    undo.push(askPeople(assembled, options))
    const watch = watchSchema({ ...options, ...assembled })
    undo.push(() => watch.stop())
    const url = `http://${settings.page.host}:${page.port}`
    log.info({ page: url, hooks: triggers.port, runner: assembled.id }, 'watchbill is running')
    return { page, hooks: { port: triggers.port }, outdated: watch.outdated }
  })
}

/** Only the engine, for a command that runs one flow while no runner lives: no page, no triggers. */
export async function startEngine(options: StartOptions): Promise<Started> {
  return starting(options, async (assembled, undo) => {
    const presence = await enlist(assembled, options)
    undo.push(() => presence.end())
    undo.push(work(assembled, options, presence))
    await assembled.following.look()
    undo.push(askPeople(assembled, options))
    return {}
  })
}

/** Starts step by step; when one fails, what was started is stopped again. */
async function starting<More>(
  options: StartOptions,
  start: (assembled: Assembled, undo: Undo[]) => Promise<More>,
): Promise<Started & More> {
  const assembled = await assemble({ ...options, purpose: 'runner' })
  const undo: Undo[] = [() => assembled.close()]
  let stopping: Promise<void> | null = null
  const stop = (): Promise<void> => (stopping ??= inReverse(undo, options.log))
  try {
    return { assembled, stop, ...(await start(assembled, undo)) }
  } catch (error) {
    await stop()
    throw error
  }
}

async function inReverse(undo: readonly Undo[], log: StartOptions['log']): Promise<void> {
  for (const one of undo.toReversed())
    await one().catch((error: unknown) => log.warn({ error }, 'a part did not stop well'))
}

interface Presence {
  /** Once more, after the others took this runner for dead. */
  again(): Promise<void>
  end(): Promise<void>
}

/** Makes this runner known to the others; its lock dies with the process. */
async function enlist({ database, id }: Assembled, options: StartOptions): Promise<Presence> {
  const { clock, random, settings } = options
  const lockKey = Buffer.from(random.bytes(8)).readBigInt64BE()
  // It comes back by itself after the connection was lost.
  const lock = await database.holdLock(lockKey)
  const row = { id, lockKey, host: hostname(), pid: processId(), version: programVersion }
  const startedMs = clock.now()
  const again = (): Promise<void> =>
    register(database, { ...row, startedMs, slots: settings.concurrency }, clock.now() + leaseMs)
  await again()
  return {
    again,
    end: async () => {
      await unregister(database, [id])
      await lock?.release()
    },
  }
}

function statusServer(
  assembled: Assembled,
  { settings, clock, log }: StartOptions,
  startedMs: number,
): StatusServer {
  const { database, engine } = assembled
  const status = createStatusServer({
    database,
    clock,
    log,
    metrics: engine.metrics,
    flows: flowLookup(engine),
    runner: () => runnerView({ assembled, settings, startedMs }),
    options: settings.page,
  })
  assembled.onChange((topic, id) => status.notify(topic, id))
  return status
}

const failedTurnMs = 1_000
const drainMs = 8_000
const lastWordsMs = 500

/** The engine at work: hints, and the sweep each second. */
function work(assembled: Assembled, { clock, log }: StartOptions, presence: Presence): Undo {
  const { engine, worker, queue, stop, duties } = assembled
  const sweep = createSweep(engine, worker, () => presence.again())
  const unhint = queue.onHint(() => worker.hint())
  const sweeping = loop({
    name: 'sweep',
    clock,
    log,
    failedMs: failedTurnMs,
    turn: async () => {
      if (await stop.read()) worker.hint()
      await sweep.once()
      await duties.renew()
      return sweepEveryMs
    },
  })
  return async () => {
    stop.drain()
    await worker.drain(drainMs)
    unhint()
    await sweeping.stop()
    // A store that is away is waited for longer than a runner that ends may take.
    await Promise.race([engine.outcomes.idle(), clock.sleep(lastWordsMs)])
  }
}

/** Looks at the branch; what changed goes to the triggers and the page. */
function follow(
  assembled: Assembled,
  { settings, clock, log }: StartOptions,
  looked: () => Promise<void>,
): Undo {
  const following = loop({
    name: 'follow',
    clock,
    log,
    failedMs: settings.pollMs,
    turn: async () => {
      const result = await assembled.following.look()
      assembled.engine.metrics.reconciled(result)
      await looked()
      assembled.control.changed('commit', assembled.engine.head().commit ?? '')
      return settings.pollMs
    },
  })
  return () => following.stop()
}

const notOnDutyMs = 2_000

/** Tickets on GitHub: opened, read and answered. Without GitHub there is nothing to poll. */
function askPeople({ engine, github, duties }: Assembled, { clock, log }: StartOptions): Undo {
  if (github === null) return async () => {}
  const polling = loop({
    name: 'tickets',
    clock,
    log,
    failedMs: 15_000,
    turn: async () => (duties.holds('tickets') ? engine.tickets.poll() : notOnDutyMs),
  })
  const unhear = engine.tickets.onWork(() => polling.hurry())
  return async () => {
    unhear()
    await polling.stop()
  }
}
