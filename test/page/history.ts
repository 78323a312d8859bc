// A long history in a few statements: runs with journals, decisions, questions and calls, spread over 90 days.

import type { Database } from '../../runner/store/database.ts'

export interface History {
  readonly nowMs: number
  readonly runs: number
}

const flows = 40
const spanMs = 90 * 86_400_000

// The time part of an id, as model/id writes it: ten digits of base 32.
const idSql = `(select string_agg(substr('0123456789abcdefghjkmnpqrstvwxyz', (ms >> (5 * (9 - p)) & 31)::int + 1, 1), '' order by p)
  from generate_series(0, 9) p) || lpad(n::text, 16, '0')`

const runSql = `
insert into run (id, flow, version, commit, policy, trigger, started_by, slot, event, inputs, status, waiting, scheduled_ms,
                 created_ms, started_ms, ended_ms, working_ms, cost_pico, error)
select ${idSql}, 'flow-' || n % ${flows}, 'v', 'c', 'p', 'tick', 'trigger:tick', n, '{"kind":"schedule"}', '{}',
  case when n > $1 - 8 then 'running' when n > $1 - 40 then 'parked' when n % 97 = 0 then 'failed'
       when n % 301 = 0 then 'cancelled' else 'succeeded' end,
  case when n > $1 - 40 and n <= $1 - 8 then '[{"for":"people","step":"a","element":null}]'::jsonb end,
  ms, ms, ms, case when n <= $1 - 40 then ms + 900 end, 800, 1000, case when n % 97 = 0 then '{"kind":"invalid","message":"x"}'::jsonb end
from (select n, ($2::bigint - $3::bigint + $3::bigint * n / $1)::bigint as ms from generate_series(1, $1::bigint) n) s`

const journalSql = `
insert into journal (run, seq, epoch, at_ms, fact)
select id, seq, 1, created_ms + seq, '{"v":1,"is":"succeeded","at":{"step":"a","element":null},"attempt":1,"output":null,"uses":null,"risk":"low","tookMs":5}'
from run cross join generate_series(1, 3) seq`

const decisionSql = `
insert into decision (id, run, flow, step, round, version, at_ms, route, choice, cost_pico, record)
select id, id, flow, 'a', 1, 'v', created_ms, 'small', 'go', 1000, '{}' from run`

const reservationSql = `
insert into reservation (id, decision, run, flow, step, model, rung, owner, windows, state, held_pico, settled_pico, at_ms, changed_ms)
select id, id, id, flow, 'a', 'm', 'small', 'o', '[]', 'settled', 1000, 900, created_ms, created_ms from run`

const ticketSql = `
insert into ticket (id, run, flow, step, kind, state, nonce, action_digest, ticket_digest, code, binding, shown, need, expires_ms,
                    transport, created_ms, changed_ms)
select md5(id), id, flow, 'a', 'question', case status when 'parked' then 'pending' else 'claimed' end, '', '', '', md5(id), '{"shown":{}}',
  '{}', 1, created_ms + 86400000, 'local', created_ms, created_ms from run where slot::int % 20 = 0 or status = 'parked'`

const voteSql = `
insert into vote (ticket, revision, actor, actor_name, verdict, counted, why, at_ms)
select id, 1, 'a', 'a', 'approve', true, '', created_ms from ticket`

const logSql = `insert into run_log (run, at_ms, step, line) select id, created_ms, 'a', 'x' from run`

const flowSql = `
insert into flow_head (file, name, version, commit, state, suspended, problems, description, changed_ms)
select 'flow-' || n || '.yaml', 'flow-' || n, 'v', 'c', 'active', false, '[]', '', 1 from generate_series(0, ${flows - 1}) n`

/** Gives the id of a run in the middle. */
export async function seedHistory(database: Database, { nowMs, runs }: History): Promise<{ run: string }> {
  await database.query(
    `insert into flow_version (hash, name, file, closure, created_ms) values ('v', 'x', 'x', '{}', 1)`,
    [],
  )
  await database.query(flowSql, [])
  await database.query(runSql, [runs, nowMs, spanMs])
  for (const sql of [journalSql, decisionSql, reservationSql, ticketSql, voteSql, logSql])
    await database.query(sql, [])
  await database.query('analyze')
  const [middle] = await database.query<{ id: string }>('select id from run where slot = $1', [
    String(Math.floor(runs / 2)),
  ])
  return { run: middle?.id ?? '' }
}
