// What machines ask: events, metrics, alive, ready.

import type { FastifyInstance } from 'fastify'
import type { Assets } from './assets.ts'
import type { Events } from './events.ts'
import { failed } from './failed.ts'
import { readGauges } from './gauges.ts'
import { readiness } from './health.ts'
import type { StatusParts } from './parts.ts'
import { sendJson } from './routes-api.ts'
import { securityHeaders } from './security-headers.ts'

interface Given {
  readonly assets: Assets
  readonly events: Events
}

export function machineRoutes(app: FastifyInstance, parts: StatusParts, { assets, events }: Given): void {
  app.get('/events', { exposeHeadRoute: false }, (request, reply) => {
    if (events.full) return failed({ parts, assets, request, reply, reader: 'inside' }, 'busy')
    reply.hijack()
    reply.raw.writeHead(200, { ...securityHeaders, 'content-type': 'text/event-stream; charset=utf-8' })
    events.add(reply.raw)
    return reply
  })
  app.get('/metrics', async (_request, reply) => {
    const exposed = await parts.metrics.expose(await readGauges(parts))
    return reply.type(exposed.contentType).send(exposed.body)
  })
  app.get('/healthz', (_request, reply) => sendJson(reply, { alive: true }))
  app.get('/readyz', async (_request, reply) => {
    const found = await readiness(parts.database, parts.runner(), parts.clock.now())
    return sendJson(reply.code(found.ready ? 200 : 503), found)
  })
}
