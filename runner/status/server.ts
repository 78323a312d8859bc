// The read-only server: pages, JSON, events, metrics, health. Nothing can be changed through it.

import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { type Asset, type Assets, readAssets } from './assets.ts'
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
  const assets = readAssets()
  const events = makeEvents(parts.clock)
  const app = makeApp(parts, assets)
  app.addHook('onRequest', doorkeeper(parts, assets))
  app.setErrorHandler((error: Error, request, reply) =>
    failed({ parts, assets, request, reply, reader: 'inside' }, error),
  )
  app.setNotFoundHandler((request, reply) =>
    failed({ parts, assets, request, reply, reader: 'inside' }, 'not_found'),
  )
  assetRoutes(app, assets)
  pageRoutes(app, parts, assets)
  apiRoutes(app, parts)
  machineRoutes(app, parts, { assets, events })
  return {
    listen: async () => {
      const { host, port } = parts.options
      await app.listen({ host, port })
      const address = app.server.address()
      return { port: typeof address === 'object' && address !== null ? address.port : port }
    },
    notify: (topic, id) => events.notify(topic, id),
    close: async () => {
      events.close()
      await app.close()
    },
  }
}

function makeApp(parts: StatusParts, assets: Assets): FastifyInstance {
  return Fastify({
    logger: false,
    trustProxy: false,
    bodyLimit: 1,
    requestTimeout: requestMs,
    keepAliveTimeout: requestMs,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: addressCharactersMax, ignoreTrailingSlash: true },
    // An address that cannot be read: nothing of ours has run for it yet.
    frameworkErrors: (error, request, reply) => {
      reply.headers(securityHeaders)
      failed({ parts, assets, request, reply, reader: 'outside' }, error)
    },
  })
}

type Door = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply | undefined>

/** Lets in who may look, and only to look. */
function doorkeeper(parts: StatusParts, assets: Assets): Door {
  const guard = makeGuard(parts.options)
  // For everyone: what supervisors ask, and the look of the page. They hold nothing that is anyone's.
  const openTo = new Set(['/healthz', '/readyz', ...Object.values(assets).map((asset: Asset) => asset.path)])
  return async (request, reply) => {
    const outside = { parts, assets, request, reply, reader: 'outside' } as const
    reply.headers(securityHeaders)
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      reply.header('allow', 'GET, HEAD')
      return failed(outside, 'method')
    }
    if (openTo.has(request.url)) return undefined
    const { host, authorization, cookie } = request.headers
    const admission = guard({ host, authorization, cookie, token: tokenOf(request) })
    if (admission.is === 'out') return failed(outside, admission.why)
    if (admission.is === 'welcome')
      return reply.header('set-cookie', admission.cookie).redirect(withoutToken(request.url), 303)
    return undefined
  }
}

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
  for (const asset of Object.values(assets) as Asset[])
    app.get(asset.path, (_request, reply) =>
      reply
        .header('cache-control', `public, max-age=${yearSeconds}, immutable`)
        .type(asset.contentType)
        .send(asset.body),
    )
}
