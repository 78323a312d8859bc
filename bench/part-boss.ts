// Reference: pg-boss as it is meant to be used, one transaction per step: own row, complete, enqueue the next.

import { type Db, PgBoss } from 'pg-boss'
import type { Database, Statements } from '../runner/store/database.ts'
import { systemClock } from '../runner/world/clock.ts'

const queue = 'hand'
const loops = 8
const runs = 64

/** Steps a second: eight loops that fetch one job, write its row, complete it and send the next, in one transaction. */
export async function boss(database: Database, forMs: number): Promise<number> {
  const pgboss = new PgBoss({
    backend: database.kind,
    schema: 'handboss',
    schedule: false,
    supervise: false,
    db: through(database),
  })
  await pgboss.start()
  await pgboss.createQueue(queue)
  await database.query(
    'create table if not exists hand_step (run int not null, seq bigserial, body jsonb not null)',
  )
  for (let run = 0; run < runs; run++) await pgboss.send(queue, { run })
  let steps = 0
  const begun = systemClock.monotonic()
  await Promise.all(
    Array.from({ length: loops }, async () => {
      while (systemClock.monotonic() - begun < forMs) {
        const [job] = await pgboss.fetch<{ run: number }>(queue)
        if (job === undefined) continue
        await database.transaction(async (tx) => {
          const db = through(tx)
          await tx.query('insert into hand_step (run, body) values ($1, $2::jsonb)', [
            job.data.run,
            '{"is":"succeeded"}',
          ])
          await pgboss.complete(queue, job.id, {}, { db })
          await pgboss.send(queue, job.data, { db })
        })
        steps += 1
      }
    }),
  )
  const seconds = (systemClock.monotonic() - begun) / 1_000
  await pgboss.stop({ graceful: false, close: false })
  return steps / seconds
}

/** Without parameters it may be several statements. */
function through(statements: Statements): Db {
  return {
    executeSql: async (text, values) => ({
      rows: await statements.query(text, values === undefined || values.length === 0 ? undefined : values),
    }),
  }
}
