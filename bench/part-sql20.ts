// Reference: 3-step runs as somebody would write them by hand: rows born twenty in a statement, then each step's
// transition, twenty in a statement. The texts are fixed.

import type { Database } from '../runner/store/database.ts'
import { systemClock } from '../runner/world/clock.ts'

const tablesSql = `
create table if not exists hand_run (
  id bigint generated always as identity primary key, version int not null, step int not null, status text not null);
create index if not exists hand_live on hand_run (status, id) where status <> 'done';
create table if not exists hand_journal (
  run bigint not null references hand_run, seq int not null, body jsonb not null, primary key (run, seq))`

const birthSql = `
insert into hand_run (version, step, status) select 0, 0, 'running' from jsonb_to_recordset($1::jsonb) as g(n int)
returning id`

/** Locks the runs whose version matches, appends the outcome, and moves them on: durable when it returns. */
const transitionSql = `
with given as (select * from jsonb_to_recordset($1::jsonb) as g(id bigint, version int, body jsonb)),
own as materialized (
  select g.* from given g join hand_run r on r.id = g.id and r.version = g.version order by r.id for no key update of r),
written as (insert into hand_journal (run, seq, body) select id, version, body from own),
moved as (
  update hand_run r set version = r.version + 1, step = r.step + 1,
         status = case when r.step = 2 then 'done' else 'running' end
  from own where r.id = own.id)
select id from own`

const perStatement = 20
const loops = 8

/** Steps a second, births included: eight loops, each with one statement of twenty in flight. */
export async function sql20(database: Database, forMs: number): Promise<number> {
  await database.query(tablesSql)
  let steps = 0
  const begun = systemClock.monotonic()
  await Promise.all(
    Array.from({ length: loops }, async () => {
      while (systemClock.monotonic() - begun < forMs) {
        const asked = JSON.stringify(Array.from({ length: perStatement }, (_, n) => ({ n })))
        const born = await database.query<{ id: number }>(birthSql, [asked])
        for (let version = 0; version < stepsOfRun; version++) {
          const given = born.map(({ id }) => ({ id, version, body: outcome }))
          const moved = await database.query(transitionSql, [JSON.stringify(given)])
          if (moved.length !== perStatement) throw new Error('a hand-written transition was lost')
          steps += moved.length
        }
      }
    }),
  )
  return steps / ((systemClock.monotonic() - begun) / 1_000)
}

const stepsOfRun = 3
const outcome = { is: 'succeeded', at: { step: 'a', element: null }, attempt: 1, output: null, tookMs: 1 }
