// The hook port: `POST /hooks/:flow/:trigger`, or `/hooks/:flow/:step` for a step that waits for a webhook. It may
// face the internet, so nothing is told to who cannot prove itself.

import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { Failure, Stop } from '../model/error.ts'
import type { Firing } from '../model/firing.ts'
import type { Flow, WebhookTrigger } from '../model/flow.ts'
import type { Head } from '../model/head.ts'
import { flowName } from '../model/id.ts'
import type { Json } from '../model/json.ts'
import type { Admit } from '../run/admit.ts'
import type { Clock } from '../world/clock.ts'
import type { Log } from '../world/log.ts'
import type { Random } from '../world/random.ts'
import type { Hear } from './hear.ts'
import { createRateLimit } from './rate.ts'
import { webhookAt } from './waits.ts'
import { bodyBytesMax, readBody } from './webhook-body.ts'
import { webhookFiring } from './webhook-firing.ts'
import { type Proof, proofOf } from './webhook-proof.ts'

export interface HookParts {
  readonly host: string
  /** 0: any free one. */
  readonly port: number
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  head(): Head
  /** The runner's own key, for triggers that name no secret. */
  hookKey(): string
  /** The value of a secret that the policy names; null when it is not there. */
  secret(name: string): string | null
  /** Resolves when the run is durable or refused for good. */
  readonly admit: Admit
  /** Takes what comes for a step that waits. */
  readonly hear: Hear
  /** The emergency stop. Absent: never. */
  stopped?(): boolean
  /** For the metrics. */
  fired?(firing: { readonly kind: 'webhook'; readonly lateMs: number }): void
  /** Requests of one address that were refused; then it is not listened to. */
  readonly refusedPerMinuteMax?: number
}

export interface HookServer {
  /** Throws `Stop` when the port is taken. */
  listen(): Promise<{ readonly port: number }>
  /** Ends after the requests that are being answered. */
  close(): Promise<void>
}

const refusedPerMinuteMaxDefault = 600
const requestMs = 10_000
/** Names of flows and triggers are short; the path of a step has its groups in it. */
const addressCharactersMax = 600
const headerBytesMax = 16_384

export function createHookServer(parts: HookParts): HookServer {
  const limit = createRateLimit(parts.refusedPerMinuteMax ?? refusedPerMinuteMaxDefault)
  const app = Fastify({
    logger: false,
    trustProxy: false,
    bodyLimit: bodyBytesMax,
    requestTimeout: requestMs,
    connectionTimeout: 2 * requestMs,
    keepAliveTimeout: requestMs,
    forceCloseConnections: 'idle',
    http: { headersTimeout: requestMs, maxHeaderSize: headerBytesMax },
    routerOptions: { maxParamLength: addressCharactersMax },
  })
  // The signature is over the very bytes; they are read as JSON only after the sender proved itself.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  )
  app.addHook('onRequest', async (request, reply) => {
    const waitMs = limit.waitMs(request.ip, parts.clock.now())
    return waitMs > 0 ? later(reply.code(429), waitMs, 'too many requests were refused') : undefined
  })
  app.addHook('onSend', async (request, reply) => {
    const { statusCode } = reply
    if (statusCode >= 400 && statusCode < 500 && statusCode !== 429 && statusCode !== 409)
      limit.refused(request.ip, parts.clock.now())
  })
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).send({ error: 'there is only POST /hooks/:flow/:trigger' }),
  )
  app.setErrorHandler((error: Error & { readonly statusCode?: number }, _request, reply) =>
    failed(parts, error, reply),
  )
  app.post('/hooks/:flow/:trigger', (request, reply) => receive(parts, request, reply))
  return { listen: () => listen(app, parts), close: () => app.close() }
}

async function listen(app: FastifyInstance, { host, port }: HookParts): Promise<{ readonly port: number }> {
  try {
    await app.listen({ host, port })
  } catch (thrown) {
    if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'EADDRINUSE')) throw thrown
    throw new Stop(3, `port ${port} is taken`, 'stop who has it, or set WATCHBILL_HOOK_PORT to another one')
  }
  const address = app.server.address()
  return { port: typeof address === 'object' && address !== null ? address.port : port }
}

interface Target {
  readonly flow: Flow
  readonly trigger: WebhookTrigger
  /** What it brings about: a run, or that a step goes on. */
  readonly goal: 'run' | 'step'
}

async function receive(
  parts: HookParts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
  const target = targetOf(parts.head(), request.params as { readonly flow: string; readonly trigger: string })
  const proof = prove(parts, { request, body, target })
  if (target === null || proof.is === 'none')
    return reply
      .code(401)
      .header('www-authenticate', 'Bearer')
      .send({ error: 'unknown hook or wrong credentials' })
  // What waiting runs are told starts nothing: it is kept, whatever stands still.
  if (target.goal === 'run' && isQuiet(parts, target.flow))
    return later(reply.code(503), quietMs, 'nothing new starts at the moment')
  const read = readBody(body, target.trigger)
  if (read.is === 'bad') return reply.code(400).send({ error: read.why })
  if (read.is === 'misfit')
    return reply.code(422).send({ error: 'the body does not fit', places: read.places })
  const delivery: Delivery = { target, request, body, value: read.value, proof }
  return target.goal === 'run' ? start(parts, delivery, reply) : tell(parts, delivery, reply)
}

function targetOf(head: Head, named: { readonly flow: string; readonly trigger: string }): Target | null {
  const flow = head.flows.get(flowName(named.flow))
  if (flow === undefined) return null
  const trigger = flow.triggers.find((one) => one.id === named.trigger)
  if (trigger?.kind === 'webhook') return { flow, trigger, goal: 'run' }
  const awaited = webhookAt(flow, named.trigger)
  return awaited === null ? null : { flow, trigger: awaited, goal: 'step' }
}

interface Claim {
  readonly request: FastifyRequest
  readonly body: Buffer
  readonly target: Target | null
}

function prove(parts: HookParts, { request, body, target }: Claim): Proof {
  const { authorization, 'x-watchbill-signature': signature } = request.headers
  const presented = { authorization, signature: Array.isArray(signature) ? signature[0] : signature, body }
  const secret = target === null ? null : secretOf(parts, target)
  const expected = target === null || secret === null ? null : { auth: target.trigger.auth, secret }
  return proofOf(presented, expected, parts.clock.now())
}

function secretOf(parts: HookParts, { flow, trigger }: Target): string | null {
  if (trigger.secret === null) return parts.hookKey()
  const secret = parts.secret(trigger.secret)
  if (secret === null)
    parts.log.warn(
      { flow: flow.name, trigger: trigger.id, secret: trigger.secret },
      'the secret of a webhook is not set',
    )
  return secret
}

/** When whoever is turned away may come back. */
const quietMs = 60_000
const failedMs = 10_000

function isQuiet(parts: HookParts, flow: Flow): boolean {
  return flow.suspended || parts.head().policy.suspended || parts.stopped?.() === true
}

interface Delivery {
  readonly target: Target
  readonly request: FastifyRequest
  readonly body: Buffer
  readonly value: Json
  readonly proof: Proof
}

async function start(parts: HookParts, delivery: Delivery, reply: FastifyReply): Promise<FastifyReply> {
  const nowMs = parts.clock.now()
  const firing = firingOf(parts, delivery, nowMs)
  const answer = await parts.admit(firing)
  if ('refused' in answer) {
    parts.log.info({ slot: firing.slot, why: answer.refused }, 'a firing was refused')
    return reply.code(409).send({ error: answer.refused })
  }
  if (answer.duplicate) return reply.code(202).send({ run: answer.run, duplicate: true })
  parts.fired?.({ kind: 'webhook', lateMs: parts.clock.now() - nowMs })
  return reply.code(202).send({ run: answer.run })
}

/** For the runs that wait at a step, or are on their way there. */
async function tell(parts: HookParts, delivery: Delivery, reply: FastifyReply): Promise<FastifyReply> {
  const atMs = parts.clock.now()
  const { flow, trigger: step, slot, event } = firingOf(parts, delivery, atMs)
  const answer = await parts.hear({ flow, step, slot, atMs, event })
  return reply.code(202).send({ step, ...(answer === 'duplicate' ? { duplicate: true } : {}) })
}

function firingOf(parts: HookParts, delivery: Delivery, nowMs: number): Firing {
  const { target, request, body, value, proof } = delivery
  const { headers } = request
  return webhookFiring(target, { headers, body, value, proof, nowMs, random: parts.random })
}

function later(reply: FastifyReply, waitMs: number, error: string): FastifyReply {
  return reply.header('retry-after', String(Math.ceil(waitMs / 1_000))).send({ error })
}

/** Fastify's own refusals keep their code; an expression that fails is the sender's; the rest is ours, and passes. */
function failed(
  parts: HookParts,
  error: Error & { readonly statusCode?: number },
  reply: FastifyReply,
): FastifyReply {
  if (error instanceof Failure && error.kind === 'invalid')
    return reply.code(422).send({ error: error.message })
  const { statusCode = 500 } = error
  if (statusCode === 413)
    return reply.code(413).send({ error: `the body is larger than ${bodyBytesMax} bytes` })
  if (statusCode === 415) return reply.code(415).send({ error: 'only application/json is taken' })
  if (statusCode >= 400 && statusCode < 500)
    return reply.code(statusCode).send({ error: 'the request cannot be read' })
  parts.log.warn({ error }, 'a webhook could not be taken')
  return later(reply.code(503), failedMs, 'it could not be recorded; send it again')
}
