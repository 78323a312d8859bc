// Which run a person means.

import { Stop } from '../model/error.ts'
import type { JsonObject } from '../model/json.ts'
import type { Database } from '../store/database.ts'
import { readRun } from '../store/view-run.ts'

/** A run by its id or the end of it, as people copy it. */
export async function resolveRun(database: Database, request: JsonObject): Promise<string> {
  const asked = request['run']
  if (typeof asked !== 'string' || !/^[0-9a-z]{4,26}$/.test(asked))
    throw new Stop(2, 'which run?', 'give its id, or the last characters of it; see `watchbill runs`')
  if (asked.length === 26) {
    if ((await readRun(database, asked)) !== null) return asked
    throw new Stop(1, `there is no run ${asked}`, 'see `watchbill runs`; old runs are deleted by the policy')
  }
  const rows = await database.query<{ id: string }>(
    `select id from run where right(id, length($1)) = $1 order by id desc limit 2`,
    [asked],
  )
  const [only, other] = rows
  if (only === undefined) throw new Stop(1, `no run ends in ${asked}`, 'see `watchbill runs`')
  if (other !== undefined) throw new Stop(1, `several runs end in ${asked}`, 'give more characters')
  return only.id
}
