// Single facts that outlive every process: the installation, its keys, the emergency stop.

import { json, type Statements } from './database.ts'
import type { Json } from '../model/json.ts'

/** Null when the fact was never recorded. */
export async function readMeta(statements: Statements, name: string): Promise<Json> {
  const rows = await statements.query<{ value: Json }>('select value from meta where name = $1', [name])
  return rows[0]?.value ?? null
}

export async function writeMeta(statements: Statements, name: string, value: Json): Promise<void> {
  await statements.query(
    'insert into meta (name, value) values ($1, $2) on conflict (name) do update set value = excluded.value',
    [name, json(value)],
  )
}

/** Keeps the first value ever recorded, whoever came first; gives what stands. */
export async function keepMeta(statements: Statements, name: string, value: Json): Promise<Json> {
  await statements.query('insert into meta (name, value) values ($1, $2) on conflict (name) do nothing', [
    name,
    json(value),
  ])
  return readMeta(statements, name)
}
