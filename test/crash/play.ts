// One play: a reference flow is triggered, its engine dies where the plan says, new ones go on until it has ended.

import { setTimeout as sleep } from 'node:timers/promises'
import { aFiring } from '../run/a-firing.ts'
import type { Claude } from '../fakes/claude/stub.ts'
import { type Living, startLife } from './engine.ts'
import type { Reference } from './flows.ts'
import { judge, type Recorded, recordedIn, type Verdict } from './judge.ts'
import { createLife, type Life, type Place } from './life.ts'
import { createOutside, effectOf, type Outside } from './outside.ts'
import type { Store } from './store.ts'
import type { Firing } from '../../runner/model/firing.ts'
import type { JsonObject } from '../../runner/model/json.ts'
import type { Database } from '../../runner/store/database.ts'

export interface Play {
  readonly verdict: Verdict
  /** What each life passed; the last point of all but the last is where it died. */
  readonly trails: readonly (readonly string[])[]
  /** How many of the planned deaths came. */
  readonly deaths: number
}

export interface Stage {
  readonly store: Store
  readonly claude: Claude
}

/** @param deaths where each life dies, one life after the other */
export async function play(stage: Stage, reference: Reference, deaths: readonly Place[]): Promise<Play> {
  const { store, claude } = stage
  const { database } = store
  await store.empty(reference.flows)
  const scene: Scene = {
    stage,
    reference,
    outside: createOutside(),
    firing: aFiring(reference.flow.name),
    ahead: { ms: 0 },
    accepted: null,
  }
  const trails: (readonly string[])[] = []
  const recorded: Recorded[] = []
  let died = 0
  const deadline = performance.now() + playMsMax
  for (let n = 0; ; n++) {
    const life = createLife(deaths[n] ?? null)
    claude.answerWith(() => {
      life.pass('claude is asked')
      return { reason: 'because', choice: 'pay', parameters: {}, priority: 'normal', risk: 'low' }
    })
    const living = live(scene, life, deadline)
    // What the dead would still say reaches nobody.
    living.catch(() => {})
    const done = await Promise.race([living, life.death.catch(() => 'died' as const)])
    trails.push(life.trail)
    life.end()
    await life.settled()
    recorded.push(...(await recordedIn(database)))
    if (done !== 'died') break
    died += 1
  }
  if (scene.accepted === null) throw new Error('a play ends with an accepted trigger')
  const verdict = await judge(database, { reference, outside: scene.outside, run: scene.accepted, recorded })
  return { verdict, trails, deaths: died }
}

const playMsMax = 60_000

interface Scene {
  readonly stage: Stage
  readonly reference: Reference
  readonly outside: Outside
  readonly firing: Firing
  readonly ahead: { ms: number }
  accepted: string | null
}

/** One engine from its start to the end of every run, or to its own. */
async function live(scene: Scene, life: Life, deadline: number): Promise<void> {
  const { store, claude } = scene.stage
  const { outside, ahead } = scene
  const living = await startLife(life, {
    store: store.database,
    flows: scene.reference.flows,
    outside,
    claudeUrl: claude.url,
    ahead,
  })
  // Whoever triggers tries until it is accepted, and knows nothing of what became of earlier tries.
  scene.accepted ??= await trigger(living, scene.firing)
  for (;;) {
    await quiet(life, store.database)
    await living.sweep.once()
    await quiet(life, store.database)
    if (await over(store.database)) return
    if (performance.now() > deadline) throw new Error(await stuck(store.database))
    if (!(await answer(living, scene))) ahead.ms += await idleMs(store.database, living.engine.clock.now())
  }
}

async function trigger({ admit }: Living, firing: Firing): Promise<string> {
  const admitted = await admit(firing)
  if ('refused' in admitted) throw new Error(admitted.refused)
  return admitted.run
}

const quietTurnMs = 2
const quietTurnsMax = 40

/** Until nothing is held and nothing moves; a while at the longest, because a lost hint moves nothing either. */
async function quiet(life: Life, store: Database): Promise<void> {
  for (let turn = 0; turn < quietTurnsMax; turn++) {
    if (life.stirred()) turn = 0
    else {
      const [live] = await store.query<{ n: number }>(
        `select count(*)::int as n from run where status in ('running', 'ready', 'queued')`,
        [],
      )
      if (live?.n === 0) return
    }
    await sleep(quietTurnMs)
  }
}

async function over(store: Database): Promise<boolean> {
  const rows = await store.query(
    `select id from run where status not in ('succeeded', 'failed', 'cancelled')`,
    [],
  )
  return rows.length === 0
}

interface Question {
  readonly code: string
  readonly kind: string
  readonly action: string | null
  readonly input: JsonObject | null
}

const openSql = `
select code, kind, coalesce(binding::jsonb->>'action', binding::jsonb#>>'{shown,action}') as action,
       coalesce(binding::jsonb->'input', binding::jsonb#>'{shown,input}') as input
from ticket where state = 'pending' order by created_ms, id`

/** People say yes, and where they are asked what happened they look outside and tell the truth. */
async function answer({ engine }: Living, { stage, outside }: Scene): Promise<boolean> {
  const open = await stage.store.database.query<Question>(openSql, [])
  const by = 'local:ana'
  for (const { code, kind, action, input } of open) {
    if (kind === 'action') await engine.tickets.answerLocal({ verb: 'approve', code, by })
    else {
      if (kind !== 'unknown' || action === null) throw new Error(`nobody expected a question of kind ${kind}`)
      const choice = outside.happened(effectOf(action, input ?? {})) > 0 ? 'succeeded' : 'again'
      await engine.tickets.answerLocal({ verb: 'choose', code, choice, by })
    }
  }
  return open.length > 0
}

const turnMs = 2_000

/** To the next time that anything waits for, or a little. */
async function idleMs(store: Database, nowMs: number): Promise<number> {
  const [next] = await store.query<{ at: number | null }>(
    `select min(wake_ms) as at from run where status = 'parked'`,
    [],
  )
  return next?.at == null ? turnMs : Math.max(turnMs, next.at - nowMs + 1)
}

async function stuck(store: Database): Promise<string> {
  const runs = await store.query(
    'select id, flow, status, owner, epoch, wake_ms, waiting, error from run',
    [],
  )
  return `a play does not come to its end: ${JSON.stringify(runs)}`
}
