// Admission: a firing becomes a run, once per slot, within the limits; born claimed where there is room.

import { admitLimited } from './admit-limited.ts'
import type { Admitted, Engine } from './engine.ts'
import { type Limit, limitsOf } from './limits-of.ts'
import type { Worker } from './worker.ts'
import type { Firing } from '../model/firing.ts'
import type { Flow } from '../model/flow.ts'
import { flowName, newId } from '../model/id.ts'
import type { Json } from '../model/json.ts'
import { type Birth, insertRuns, runOfSlot } from '../store/admission.ts'
import { createLane, type Lane } from '../store/lane.ts'
import type { HeldRun } from '../store/runs.ts'

export type Admit = (firing: Firing) => Promise<Admitted>

const birthsPerStatementMax = 256
const retriesMax = 6

export function createAdmit(engine: Engine, worker: Worker): Admit {
  const births: Lane<Birth, boolean> = createLane((batch) => insertRuns(engine.database.writer, batch), {
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
    return limits.length === 0
      ? free(engine, { birth, births, worker })
      : limited(engine, { birth, limits, firing, worker })
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

/** The hot path: no limit stands in the way; one statement for many births. */
async function free(
  engine: Engine,
  { birth, births, worker }: { birth: Birth; births: Lane<Birth, boolean>; worker: Worker },
): Promise<Admitted> {
  return inRoom(worker, async (reserved) => {
    const born: Birth = reserved ? { ...birth, status: 'running', owner: engine.owner } : birth
    if (!(await births.push(born))) return duplicateOf(engine, birth)
    if (!reserved) worker.ready()
    return bornAs(engine, born)
  })
}

interface Limited {
  readonly birth: Birth
  readonly limits: readonly Limit[]
  readonly firing: Firing
  readonly worker: Worker
}

async function limited(engine: Engine, { worker, ...given }: Limited): Promise<Admitted> {
  return inRoom(worker, async (reserved) => {
    const born = await admitLimited(engine, { ...given, reserved })
    if (born === null) return duplicateOf(engine, given.birth)
    return 'refused' in born ? born : bornAs(engine, { ...given.birth, status: born.is })
  })
}

/** Room that was reserved is used by a run that was born claimed, or given back. */
async function inRoom(
  worker: Worker,
  admit: (reserved: boolean) => Promise<Admitted | Claimed>,
): Promise<Admitted> {
  const reserved = worker.reserve()
  let claimed: HeldRun | null = null
  try {
    const admitted = await admit(reserved)
    if (!('claimed' in admitted)) return admitted
    claimed = admitted.claimed
    return { run: claimed.id, duplicate: false }
  } finally {
    if (claimed !== null) worker.adopt(claimed)
    else if (reserved) worker.release()
  }
}

/** It is this runner's from its birth on. */
interface Claimed {
  readonly claimed: HeldRun
}

function bornAs(engine: Engine, birth: Birth): Admitted | Claimed {
  engine.changed(birth.id)
  if (birth.status !== 'running') return { run: birth.id, duplicate: false }
  return { claimed: heldAtBirth(birth) }
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
