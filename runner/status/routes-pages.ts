// The pages by address: each gathers its views and renders them.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Assets } from './assets.ts'
import type { Context } from './context.ts'
import { addressOf } from './find.ts'
import { makeFirings } from './firings.ts'
import type { Html } from './html.ts'
import { loadFlow } from './load-flow.ts'
import { loadOverview } from './load-overview.ts'
import { loadRun } from './load-run.ts'
import { approvalsPage, ticketPage } from './page-approvals.ts'
import { commitsPage } from './page-commits.ts'
import { errorPage } from './page-error.ts'
import { flowPage } from './page-flow.ts'
import { flowsPage } from './page-flows.ts'
import { overviewPage } from './page-overview.ts'
import { runPage } from './page-run.ts'
import { runsPage } from './page-runs.ts'
import { spendPage } from './page-spend.ts'
import type { StatusParts } from './parts.ts'
import { cursorOf, cursorShapes, nameIn, runFilterOf } from './query.ts'
import { readContext } from './reader.ts'
import { makeSpendDays } from './spend-days.ts'
import { listCommits } from '../store/view-commits.ts'
import { find } from '../store/view-find.ts'
import { listFlows } from '../store/view-flows.ts'
import { listRuns } from '../store/view-runs.ts'
import { readMonth } from '../store/view-spend.ts'
import { listClosedTickets, listOpenTickets, readTicketView } from '../store/view-tickets.ts'

const flowsEach = 30
const runsEach = 50
const ticketsEach = 10
const closedEach = 25
const commitsEach = 20
const flowNamesMax = 200

type Render = (context: Context, request: FastifyRequest) => Promise<Html | Missing>

/** Nothing stands there; the words say what. */
interface Missing {
  readonly missing: string
}

export function pageRoutes(app: FastifyInstance, parts: StatusParts, assets: Assets): void {
  const { database } = parts
  const spendDays = makeSpendDays(parts)
  const firingsOf = makeFirings(parts)
  const page = (path: string, render: Render): void => {
    app.get(path, async (request, reply) => {
      const context = await readContext(parts, assets, request)
      return sendPage(reply, context, await render(context, request))
    })
  }
  page('/', async (context) => overviewPage(context, await loadOverview(parts, firingsOf, context.nowMs)))
  page('/flows', async (context) => {
    const cursor = cursorOf(context.query, cursorShapes.flow)
    return flowsPage(context, await listFlows(database, { cursor, limit: flowsEach, recent: 10 }))
  })
  page('/flows/:name', async (context, request) => {
    const detail = await loadFlow(parts, nameIn(request.params, 'name'), context.nowMs)
    return detail === null ? { missing: context.text.error.noFlow } : flowPage(context, detail)
  })
  page('/runs', (context) => runs(parts, context))
  page('/runs/:id', async (context, request) => {
    const afterSeq = Number(cursorOf(context.query, cursorShapes.number, 'after') ?? 0)
    const detail = await loadRun(parts, { id: nameIn(request.params, 'id'), afterSeq, nowMs: context.nowMs })
    return detail === null ? { missing: context.text.error.noRun } : runPage(context, detail)
  })
  page('/approvals', (context) => approvals(parts, context))
  page('/approvals/:id', async (context, request) => {
    const ticket = await readTicketView(database, nameIn(request.params, 'id'))
    return ticket === null ? { missing: context.text.error.noTicket } : ticketPage(context, ticket)
  })
  page('/commits', async (context) => {
    const cursor = cursorOf(context.query, cursorShapes.number)
    return commitsPage(context, await listCommits(database, { cursor, limit: commitsEach }))
  })
  page('/spend', async (context) => {
    const month = await readMonth(database, context.nowMs)
    return spendPage(context, { month, days: await spendDays(month, context.nowMs) })
  })
  app.get('/find', async (request, reply) => {
    const context = await readContext(parts, assets, request)
    const query = context.query['q'] ?? ''
    const found = await find(database, query)
    if (found === null) return sendPage(reply, context, { missing: context.text.error.noMatch(query) })
    return reply.redirect(addressOf(context, found), 303)
  })
}

async function runs({ database }: StatusParts, context: Context): Promise<Html> {
  const { query } = context
  const filter = runFilterOf(query, context.nowMs, runsEach)
  const [found, flows] = await Promise.all([
    listRuns(database, filter),
    listFlows(database, { cursor: null, limit: flowNamesMax, recent: 0 }),
  ])
  return runsPage(context, {
    runs: found,
    flow: filter.flow,
    status: filter.statuses[0] ?? null,
    since: query['since'] ?? null,
    flows: flows.items.map((flow) => flow.name),
  })
}

async function approvals({ database }: StatusParts, context: Context): Promise<Html> {
  const queue = cursorOf(context.query, cursorShapes.number, 'queue')
  const cursor = cursorOf(context.query, cursorShapes.ticket)
  const [open, closed] = await Promise.all([
    listOpenTickets(database, { cursor: queue, limit: ticketsEach }),
    listClosedTickets(database, { cursor, limit: closedEach }),
  ])
  return approvalsPage(context, { open, closed })
}

function sendPage(reply: FastifyReply, context: Context, made: Html | Missing): FastifyReply {
  if (!('missing' in made)) return reply.type(htmlType).send(made.toString())
  const words = { title: made.missing, remedy: context.text.error.notFoundWhy }
  return reply
    .code(404)
    .type(htmlType)
    .send(errorPage(context, words, 'inside').toString())
}

export const htmlType = 'text/html; charset=utf-8'
