// What PostgreSQL's background processes would do: PGlite has none, so nobody else shortens the log, gives back
// the room of dead rows or counts what the planner needs.

import type { PGlite } from '@electric-sql/pglite'
import type { Clock } from '../world/clock.ts'
import type { Log } from '../world/log.ts'

export interface Care {
  readonly clock: Clock
  readonly log: Log
}

const lookMs = 30_000
/** As much as is read again after a crash. */
const walBytesMax = 32 * 1_048_576
const checkpointMs = 15 * 60_000
/** Two billion is the end; vacuum freezes long before. */
const ageMax = 100_000_000

/** One small piece of work at a time, because everything waits while PGlite works. Gives what stops it. */
export function careForPglite(pg: PGlite, care: Care): () => void {
  let checkpointAtMs = care.clock.monotonic()
  let cancel = (): void => {}
  const look = async (): Promise<void> => {
    try {
      const due = care.clock.monotonic() - checkpointAtMs >= checkpointMs
      if (await shortenLog(pg, due ? 1 : walBytesMax)) checkpointAtMs = care.clock.monotonic()
      else await vacuumWorst(pg)
    } catch (error) {
      if (pg.closed) return
      const reason = error instanceof Error ? error.message : String(error)
      care.log.warn({ reason }, 'the embedded database could not be tidied up')
    }
    next()
  }
  const next = (): void => {
    cancel = care.clock.after(lookMs, () => void look())
  }
  next()
  return () => cancel()
}

/** A checkpoint when the log since the last one has this many bytes. Says whether it made one. */
export async function shortenLog(pg: PGlite, bytes: number): Promise<boolean> {
  const { rows } = await pg.query<{ bytes: number }>(
    `select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), redo_lsn)::int8 as bytes from pg_control_checkpoint()`,
  )
  // The checkpoint itself writes a little, which must not lead to the next one.
  if ((rows[0]?.bytes ?? 0) < Math.max(bytes, walBytesIdle)) return false
  await pg.exec('checkpoint')
  return true
}

const walBytesIdle = 65_536

/** Vacuums the one table that needs it most, by the thresholds of PostgreSQL's own autovacuum. Gives its name. */
export async function vacuumWorst(pg: PGlite): Promise<string | null> {
  const { rows } = await pg.query<{ name: string }>(worstSql, [ageMax])
  const name = rows[0]?.name
  if (name === undefined) return null
  await pg.exec(`vacuum (analyze) ${name}`)
  return name
}

const worstSql = `
select format('%I.%I', n.nspname, c.relname) as name
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
left join pg_stat_all_tables s on s.relid = c.oid
where c.relkind in ('r', 'm')
  and (s.n_dead_tup > 50 + 0.2 * s.n_live_tup
       or (s.n_mod_since_analyze > 50 + 0.1 * s.n_live_tup and n.nspname not in ('pg_catalog', 'information_schema'))
       or age(c.relfrozenxid) > $1::int)
order by age(c.relfrozenxid) > $1::int desc, s.n_dead_tup + s.n_mod_since_analyze desc, c.oid
limit 1`
