// The same views as JSON. Listings are `{ items, next }`; money is a text of pico-USD, times epoch milliseconds.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Firings } from './firings.ts'
import { loadFlow } from './load-flow.ts'
import { loadOverview } from './load-overview.ts'
import { loadRun } from './load-run.ts'
import { openapi } from './openapi.ts'
import type { StatusParts } from './parts.ts'
import { cursorOf, cursorShapes, flowOf, limitOf, nameIn, type Query, queryOf, runFilterOf } from './query.ts'
import { flowBody, runBody, statusBody } from './api-bodies.ts'
import { listCommits } from '../store/view-commits.ts'
import { listDecisions } from '../store/view-decisions.ts'
import { listFlows } from '../store/view-flows.ts'
import { listRuns } from '../store/view-runs.ts'
import { listClosedTickets, listOpenTickets } from '../store/view-tickets.ts'

const itemsPreset = 50
const recentRuns = 10

export function apiRoutes(app: FastifyInstance, parts: StatusParts): void {
  const { database, clock } = parts
  const route = (path: string, answer: (query: Query, request: FastifyRequest) => Promise<unknown>): void => {
    app.get(`/api/v1${path}`, async (request, reply) => {
      const body = await answer(queryOf(request.query), request)
      return body === null ? sendJson(reply.code(404), notFound) : sendJson(reply, body)
    })
  }
  route('/status', async () => statusBody(parts.runner(), await loadOverview(parts, noFirings, clock.now())))
  route('/flows', (query) => {
    const cursor = cursorOf(query, cursorShapes.flow)
    return listFlows(database, { cursor, limit: limitOf(query, itemsPreset), recent: recentRuns })
  })
  route('/flows/:name', async (_query, request) => {
    const detail = await loadFlow(parts, nameIn(request.params, 'name'), clock.now())
    return detail === null ? null : flowBody(detail)
  })
  route('/runs', (query) => listRuns(database, runFilterOf(query, clock.now(), itemsPreset)))
  route('/runs/:id', async (query, request) => {
    const afterSeq = Number(cursorOf(query, cursorShapes.number, 'after') ?? 0)
    const detail = await loadRun(parts, { id: nameIn(request.params, 'id'), afterSeq, nowMs: clock.now() })
    return detail === null ? null : runBody(detail)
  })
  route('/approvals', (query) => {
    const limit = limitOf(query, itemsPreset)
    if (query['state'] === 'closed')
      return listClosedTickets(database, { cursor: cursorOf(query, cursorShapes.ticket), limit })
    return listOpenTickets(database, { cursor: cursorOf(query, cursorShapes.number), limit })
  })
  route('/commits', (query) => {
    const cursor = cursorOf(query, cursorShapes.number)
    return listCommits(database, { cursor, limit: limitOf(query, itemsPreset) })
  })
  route('/decisions', (query) => {
    const cursor = cursorOf(query, cursorShapes.id)
    return listDecisions(database, { flow: flowOf(query), cursor, limit: limitOf(query, itemsPreset) })
  })
  route('/openapi.json', async () => openapi)
}

/** The answer names the next schedules, not each of their firings. */
const noFirings = (): Firings => ({ times: [], complete: true })

const notFound = { error: { code: 'not_found', message: 'there is nothing at this address' } }

export const jsonType = 'application/json; charset=utf-8'

export function sendJson(reply: FastifyReply, body: unknown): FastifyReply {
  return reply.type(jsonType).send(JSON.stringify(body, withoutBigints))
}

function withoutBigints(_name: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}
