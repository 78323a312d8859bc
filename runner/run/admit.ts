// Admission: a firing becomes a run, once per slot, within the limits; born claimed where there is room.

import type { Admitted, Engine } from './engine.ts'
import type { Worker } from './worker.ts'
import type { Firing } from '../model/firing.ts'
import type { Flow, Scope } from '../model/flow.ts'
import { flowName, newId } from '../model/id.ts'
import type { Json } from '../model/json.ts'
import {
  attachLimits,
  type Birth,
  insertRuns,
  liveRunsOfLimit,
  lockLimits,
  runOfSlot,
} from '../store/admission.ts'
import { createLane, type Lane } from '../store/lane.ts'
import { requestCancel } from '../store/runs.ts'
import type { HeldRun } from '../store/runs.ts'
import { wakeRuns } from '../store/wake.ts'
import type { Transaction } from '../store/database.ts'

export type Admit = (firing: Firing) => Promise<Admitted>

const birthsPerStatementMax = 256
const retriesMax = 6

export function createAdmit(engine: Engine, worker: Worker): Admit {
  const births: Lane<Birth, boolean> = createLane((batch) => insertAll(engine, batch), {
    itemsMax: birthsPerStatementMax,
    retries: retriesMax,
    clock: engine.clock,
  })
  return async (firing) => {
    const head = engine.head()
    const flow = head.flows.get(flowName(firing.flow))
    if (flow === undefined) return { refused: `there is no flow ${firing.flow}` }
    if (flow.suspended) return { refused: `${flow.name} is suspended by its file` }
    if (engine.stopped()) return { refused: 'everything is stopped; `watchbill resume` lifts it' }
    const birth = birthOf(engine, firing, flow)
    const limits = limitsOf(flow, firing, birth)
    return limits.length === 0 && firing.overlap === 'allow'
      ? free(engine, { birth, births, worker })
      : limited(engine, { birth, limits, firing, flow })
  }
}

function birthOf(engine: Engine, firing: Firing, flow: Flow): Birth {
  const nowMs = engine.clock.now()
  const head = engine.head()
  return {
    id: newId(nowMs, engine.random.bytes(10)),
    flow: flow.name,
    version: flow.version,
    commit: head.commit ?? '',
    policy: head.policyVersion,
    trigger: firing.trigger,
    startedBy: firing.startedBy,
    slot: firing.slot,
    event: firing.event,
    inputs: withDefaults(flow, firing.inputs),
    scheduledMs: Date.parse(firing.event.scheduled_at),
    nowMs,
    parent: firing.parent?.run ?? null,
    depth: firing.parent?.depth ?? 0,
    status: 'ready',
    owner: null,
  }
}

/** Defaults of inputs hold for every trigger. */
function withDefaults(flow: Flow, given: Firing['inputs']): Firing['inputs'] {
  const inputs: Record<string, Json> = {}
  for (const [name, schema] of Object.entries(flow.inputs))
    if ('default' in schema) inputs[name] = schema['default'] as Json
  return { ...inputs, ...given }
}

interface Limit {
  readonly key: string
  readonly max: number
  readonly whenFull: 'queue' | 'drop' | 'replace'
}

function limitsOf(flow: Flow, firing: Firing, birth: Birth): Limit[] {
  const limits: Limit[] = []
  const concurrency = flow.limits.concurrency
  if (concurrency !== null) {
    const key = concurrency.key === null ? '' : keyText(concurrency.key.evaluate(birthScope(flow, birth)))
    limits.push({ key: `flow:${flow.name}:${key}`, max: concurrency.max, whenFull: concurrency.whenFull })
  }
  if (firing.overlap !== 'allow') {
    const whenFull = ({ skip: 'drop', queue: 'queue', replace: 'replace' } as const)[firing.overlap]
    limits.push({ key: `trigger:${flow.name}:${firing.trigger}`, max: 1, whenFull })
  }
  return limits
}

function keyText(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function birthScope(flow: Flow, birth: Birth): Scope {
  const at = new Date(birth.nowMs).toISOString()
  const run = { id: birth.id, trigger: birth.trigger, started_at: at, scheduled_at: at }
  return { event: birth.event, inputs: birth.inputs, steps: {}, run, flow: flow.name, policy: {} }
}

/** The hot path: no limit stands in the way; one statement for many births. */
async function free(
  engine: Engine,
  way: { readonly birth: Birth; readonly births: Lane<Birth, boolean>; readonly worker: Worker },
): Promise<Admitted> {
  const { birth, births, worker } = way
  const claimed = worker.reserve()
  const born: Birth = claimed ? { ...birth, status: 'running', owner: engine.owner } : birth
  try {
    if (!(await births.push(born))) {
      if (claimed) worker.release()
      return duplicateOf(engine, birth)
    }
  } catch (error) {
    if (claimed) worker.release()
    throw error
  }
  if (claimed) worker.adopt(heldAtBirth(born))
  engine.changed(birth.id)
  return { run: birth.id, duplicate: false }
}

async function duplicateOf(engine: Engine, birth: Birth): Promise<Admitted> {
  const run = await runOfSlot(engine.database, birth.slot)
  if (run === null) throw new Error(`slot ${birth.slot} bore nothing and belongs to nobody`)
  return { run, duplicate: true }
}

function heldAtBirth(birth: Birth): HeldRun {
  const { id, flow, version, policy, trigger, startedBy, event, inputs, scheduledMs, nowMs } = birth
  const { parent, depth } = birth
  const fresh = { epoch: 1, wakeSeq: 0, cancelBy: null, priority: 0, workingMs: 0 }
  return {
    id,
    flow,
    version,
    policy,
    trigger,
    startedBy,
    event,
    inputs,
    scheduledMs,
    createdMs: nowMs,
    startedMs: nowMs,
    parent,
    depth,
    ...fresh,
  }
}

/** Without a job where all are claimed; hints for the others are sent in the same transaction. */
async function insertAll(engine: Engine, births: readonly Birth[]): Promise<boolean[]> {
  if (births.every((birth) => birth.status === 'running')) return insertRuns(engine.database.writer, births)
  return engine.database.transaction(async (tx) => {
    const born = await insertRuns(tx, births)
    const ready = births.filter((birth, n) => born[n] === true && birth.status === 'ready')
    await engine.queue.send(
      tx,
      ready.map((birth) => ({ run: birth.id, priority: 0 })),
    )
    return born
  })
}

interface LimitedWay {
  readonly birth: Birth
  readonly limits: readonly Limit[]
  readonly firing: Firing
  readonly flow: Flow
}

/** Counting and inserting are one transaction under one lock, so that a limit is never passed. */
async function limited(engine: Engine, way: LimitedWay): Promise<Admitted> {
  const { birth, limits } = way
  const admitted = await engine.database.transaction(async (tx): Promise<Admitted | null> => {
    await lockLimits(tx)
    let status: 'ready' | 'queued' = 'ready'
    for (const limit of limits) {
      const live = await liveRunsOfLimit(tx, limit.key)
      if (live.length < limit.max) continue
      if (limit.whenFull === 'drop')
        return { refused: `${limit.key} already has ${live.length} of ${limit.max} runs` }
      if (limit.whenFull === 'replace')
        await replace(
          engine,
          tx,
          live.map((run) => run.id),
        )
      status = 'queued'
    }
    const [born] = await insertRuns(tx, [{ ...birth, status }])
    if (born !== true) return null
    await attachLimits(tx, birth.id, limits)
    if (status === 'ready') await engine.queue.send(tx, [{ run: birth.id, priority: 0 }])
    return { run: birth.id, duplicate: false }
  })
  if (admitted === null) return duplicateOf(engine, birth)
  if ('run' in admitted) engine.changed(admitted.run)
  return admitted
}

/** The new one waits until those it replaces have ended. */
async function replace(engine: Engine, tx: Transaction, runs: readonly string[]): Promise<void> {
  for (const run of runs) await requestCancel(tx, run, 'a newer run of the same key')
  await wakeRuns(tx, engine.queue, runs)
}
