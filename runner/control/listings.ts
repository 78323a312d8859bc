// What a person can look at from the command line: the same views as the page's.

import { resolveRun } from './resolve-run.ts'
import type { Verb } from './verbs.ts'
import { Stop } from '../model/error.ts'
import type { Json, JsonObject } from '../model/json.ts'
import { type RunStatus, runStatuses } from '../model/run.ts'
import { readLog } from '../store/run-log.ts'
import { listDecisionsOf } from '../store/view-decisions.ts'
import { listFlows } from '../store/view-flows.ts'
import { listJournal, readRun } from '../store/view-run.ts'
import { listRuns } from '../store/view-runs.ts'
import { listClosedTickets, listOpenTickets, listTicketsOf } from '../store/view-tickets.ts'

const rowsMax = 200
const journalRowsMax = 1_000

export const listings: Readonly<Record<string, Verb>> = {
  flows: async (parts, request) => plain(await listFlows(parts.database, { ...pageOf(request), recent: 5 })),
  runs: async (parts, request) => {
    const sinceMs = typeof request['since_ms'] === 'number' ? parts.clock.now() - request['since_ms'] : 0
    const flow = typeof request['flow'] === 'string' ? request['flow'] : null
    return plain(
      await listRuns(parts.database, { ...pageOf(request), flow, statuses: statusesOf(request), sinceMs }),
    )
  },
  approvals: async (parts, request) =>
    plain(
      await (request['closed'] === true ? listClosedTickets : listOpenTickets)(
        parts.database,
        pageOf(request),
      ),
    ),
  show: async (parts, request) => {
    const id = await resolveRun(parts.database, request)
    const [run, journal, decisions, tickets] = await Promise.all([
      readRun(parts.database, id),
      listJournal(parts.database, { run: id, afterSeq: 0, limit: journalRowsMax }),
      listDecisionsOf(parts.database, { run: id, limit: rowsMax }),
      listTicketsOf(parts.database, { run: id, limit: rowsMax }),
    ])
    return plain({ run, journal: journal.items, decisions, tickets })
  },
  logs: async (parts, request) => {
    const run = await resolveRun(parts.database, request)
    const afterId = typeof request['after'] === 'number' ? request['after'] : 0
    const found = await readRun(parts.database, run)
    return plain({
      run,
      status: found?.status,
      lines: await readLog(parts.database, { run, afterId, max: 1_000 }),
    })
  },
}

function pageOf(request: JsonObject): { cursor: string | null; limit: number } {
  const limit = typeof request['limit'] === 'number' ? request['limit'] : 50
  if (!Number.isInteger(limit) || limit < 1 || limit > rowsMax)
    throw new Stop(2, `--limit is between 1 and ${rowsMax}`, 'ask for fewer, and go on with --cursor')
  return { cursor: typeof request['cursor'] === 'string' ? request['cursor'] : null, limit }
}

function statusesOf(request: JsonObject): RunStatus[] {
  const asked = request['status']
  if (typeof asked !== 'string') return []
  return asked.split(',').map((one) => {
    const status = runStatuses.find((known) => known === one)
    if (status === undefined)
      throw new Stop(2, `there is no status ${one}`, `one of ${runStatuses.join(', ')}`)
    return status
  })
}

/** Views hold bigint money; JSON holds it as decimal text. */
function plain(view: unknown): Json {
  return JSON.parse(
    JSON.stringify(view, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value)),
  ) as Json
}
