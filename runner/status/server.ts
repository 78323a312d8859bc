// The read-only server: pages, JSON, events, metrics, health. Nothing can be changed through it.

import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { type Assets, readAssets } from './assets.ts'
import { makeEvents } from './events.ts'
import { failed } from './failed.ts'
import { makeGuard } from './guard.ts'
import type { StatusParts, StatusServer } from './parts.ts'
import { apiRoutes } from './routes-api.ts'
import { machineRoutes } from './routes-machine.ts'
import { pageRoutes } from './routes-pages.ts'
import { securityHeaders } from './security-headers.ts'

export type { StatusParts, StatusServer }

/** A request must have arrived within this; answers may take longer. */
const requestMs = 10_000
const addressCharactersMax = 200

/** Throws `Stop` when it would listen beyond this machine without a token. */
export function createStatusServer(parts: StatusParts): StatusServer {
  const { options } = parts
  const guard = makeGuard(options)
  const assets = readAssets()
  const events = makeEvents(parts.clock)
  const app = Fastify({
    logger: false,
    trustProxy: false,
    bodyLimit: 1,
    requestTimeout: requestMs,
    keepAliveTimeout: requestMs,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: addressCharactersMax, ignoreTrailingSlash: true },
  })
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(securityHeaders)
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      reply.header('allow', 'GET, HEAD')
      return failed({ parts, assets, request, reply }, 'method')
    }
    return admit(request, reply)
  })

  function admit(request: FastifyRequest, reply: FastifyReply): FastifyReply | undefined {
    if (open.has(request.url)) return undefined
    const { host, authorization, cookie } = request.headers
    const token = tokenOf(request)
    const admission = guard({ host, authorization, cookie, token })
    if (admission.is === 'out') return failed({ parts, assets, request, reply }, admission.why)
    if (admission.is === 'welcome')
      return reply.header('set-cookie', admission.cookie).redirect(withoutToken(request.url), 303)
    return undefined
  }

  app.setErrorHandler((error: Error, request, reply) => failed({ parts, assets, request, reply }, error))
  app.setNotFoundHandler((request, reply) => failed({ parts, assets, request, reply }, 'not_found'))
  assetRoutes(app, assets)
  pageRoutes(app, parts, assets)
  apiRoutes(app, parts)
  machineRoutes(app, parts, { assets, events })
  return {
    listen: async () => {
      await app.listen({ host: options.host, port: options.port })
      const address = app.server.address()
      return { port: typeof address === 'object' && address !== null ? address.port : options.port }
    },
    notify: (topic, id) => events.notify(topic, id),
    close: async () => {
      events.close()
      await app.close()
    },
  }
}

/** What supervisors ask: answered to everyone, and holding nothing that is anyone's. */
const open = new Set(['/healthz', '/readyz'])

function tokenOf(request: FastifyRequest): string | undefined {
  const { token } = request.query as { readonly token?: unknown }
  return typeof token === 'string' ? token : undefined
}

/** The same address without the token, always on this server. */
function withoutToken(url: string): string {
  const address = new URL(`http://page${url}`)
  address.searchParams.delete('token')
  return `${address.pathname.replace(/^\/+/, '/')}${address.search}`
}

const yearSeconds = 31_536_000

function assetRoutes(app: FastifyInstance, assets: Assets): void {
  for (const asset of Object.values(assets) as Assets[keyof Assets][])
    app.get(asset.path, (_request, reply) =>
      reply
        .header('cache-control', `public, max-age=${yearSeconds}, immutable`)
        .type(asset.contentType)
        .send(asset.body),
    )
}
