// What flows remember between their runs. A change and its answer are one transaction: repeated with the key of the
// same effect, nothing changes again and the answer is the same.

import { type Database, isPassing, json, type Statements, type Transaction } from './database.ts'
import type { FlowMemory, Remembered } from '../model/action.ts'
import { Failure } from '../model/error.ts'
import type { Json } from '../model/json.ts'
import { storable } from '../model/storable.ts'
import type { Clock } from '../world/clock.ts'

/** A value with everything in it, as JSON. */
export const valueBytesMax = 262_144
/** Of one flow. */
export const namesMax = 10_000

export interface MemoryParts {
  readonly database: Database
  readonly clock: Clock
}

/** Whose memory it is, and the effect that a change belongs to. */
export interface MemoryOwner {
  readonly flow: string
  readonly run: string
  readonly key: string
}

export function createMemory(parts: MemoryParts, owner: MemoryOwner): FlowMemory {
  const change = <Answer extends Json>(name: string, make: Make<Answer>): Promise<Answer> =>
    orAway(parts.database.transaction((tx) => changeOnce(tx, { ...owner, name }, { parts, make })))
  return {
    read: (name) => orAway(readValue(parts.database, { ...owner, name })),
    write: (name, value, expect) =>
      change(name, async (place, before) => {
        const version = before?.version ?? 0
        if (expect !== null && expect !== version) throw conflict(name, { expect, version })
        return { version: await place.put(value) }
      }),
    append: (name, item, itemsMax) =>
      change(name, async (place, before) => {
        const list = [...listOf(name, before), item].slice(-itemsMax)
        return { version: await place.put(list), length: list.length }
      }),
    take: (name) =>
      change(name, async (place, before) => {
        if (before !== null) await place.clear()
        return before === null ? null : { ...before }
      }),
  }
}

interface Named extends MemoryOwner {
  readonly name: string
}

interface Place {
  /** Gives the new version. */
  put(value: Json): Promise<number>
  clear(): Promise<void>
}

type Make<Answer> = (place: Place, before: Remembered | null) => Promise<Answer>

/** Changes of one name follow each other; whoever comes with a key that was seen gets that answer. */
async function changeOnce<Answer extends Json>(
  tx: Transaction,
  named: Named,
  { parts, make }: { readonly parts: MemoryParts; readonly make: Make<Answer> },
): Promise<Answer> {
  const { flow, name, run, key } = named
  const fault = storable(name, valueBytesMax)
  if (fault !== null) throw new Failure('invalid', `this cannot be a name: ${fault}`)
  await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 12))', [`${flow}/${name}`])
  const done = await tx.query<{ output: Answer }>('select output from state_change where key = $1', [key])
  if (done[0] !== undefined) return done[0].output
  const before = await readValue(tx, named)
  const place: Place = {
    put: async (value) => {
      if (before === null) await room(tx, flow)
      return putValue(tx, named, { value, nowMs: parts.clock.now() })
    },
    clear: async () => {
      await tx.query('delete from flow_state where flow = $1 and name = $2', [flow, name])
    },
  }
  const answer = await make(place, before)
  await tx.query('insert into state_change (key, run, output) values ($1, $2, $3::jsonb)', [
    key,
    run,
    json(answer),
  ])
  return answer
}

async function readValue(
  statements: Statements,
  { flow, name }: Pick<Named, 'flow' | 'name'>,
): Promise<Remembered | null> {
  const rows = await statements.query<Remembered>(
    'select value, version from flow_state where flow = $1 and name = $2',
    [flow, name],
  )
  return rows[0] ?? null
}

async function putValue(
  tx: Transaction,
  { flow, name }: Named,
  { value, nowMs }: { readonly value: Json; readonly nowMs: number },
): Promise<number> {
  const fault = storable(value, valueBytesMax)
  if (fault !== null)
    throw new Failure('refused', `${name} cannot hold this: ${fault}`, {
      remedy: 'remember less: a smaller `max`, fewer fields, or a reference instead of the thing itself',
    })
  const rows = await tx.query<{ version: number }>(
    `insert into flow_state (flow, name, value, changed_ms) values ($1, $2, $3::jsonb, $4)
     on conflict (flow, name) do update set value = excluded.value, version = default, changed_ms = excluded.changed_ms
     returning version`,
    [flow, name, json(value), nowMs],
  )
  return rows[0]?.version ?? 0
}

/** New names of one flow are counted one after the other, so that two never pass the limit together. */
async function room(tx: Transaction, flow: string): Promise<void> {
  await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 13))', [flow])
  const rows = await tx.query<{ names: number }>(
    'select count(*) as names from (select 1 from flow_state where flow = $1 limit $2) known',
    [flow, namesMax],
  )
  if ((rows[0]?.names ?? 0) >= namesMax)
    throw new Failure('refused', `${flow} remembers ${namesMax} names already`, {
      remedy: 'take what is not needed any more, or keep a list or a map under one name',
    })
}

function listOf(name: string, before: Remembered | null): readonly Json[] {
  if (before === null) return []
  if (Array.isArray(before.value)) return before.value as readonly Json[]
  throw new Failure('refused', `${name} holds something that is not a list`, {
    remedy: 'write a list there first, or append to another name',
  })
}

function conflict(name: string, { expect, version }: { expect: number; version: number }): Failure {
  const stands = version === 0 ? 'nothing stands there' : `version ${version} stands there`
  return new Failure('refused', `${name} was expected at version ${expect}, but ${stands}`, {
    remedy: 'read it again and decide anew: somebody else changed it in between',
  })
}

/** A store that is away for a moment is what `retry` of a step is for. */
async function orAway<Result>(asked: Promise<Result>): Promise<Result> {
  try {
    return await asked
  } catch (thrown) {
    if (!isPassing(thrown)) throw thrown
    throw new Failure('unavailable', 'the store is away', { cause: thrown })
  }
}
