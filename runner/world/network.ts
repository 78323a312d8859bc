// HTTP to the outside: looked up by us, judged address by address and redirect by redirect, pinned, and bounded.

import { lookup } from 'node:dns/promises'
import { authorized, checkHeaders, forOtherOrigin, withoutBody } from './network-headers.ts'
import { networkLimits, type NetworkRules, type NetworkSeams } from './network-rules.ts'
import { type Answer, send } from './network-send.ts'
import { checkedAddresses, checkHost, type Target, targetOf } from './network-target.ts'
import type { Http, HttpRequest, HttpResponse } from '../model/action.ts'
import { Failure } from '../model/error.ts'

/** @param rules read anew for each request and each redirect, so that a changed policy holds at once */
export function createHttp(rules: () => NetworkRules, seams: NetworkSeams = systemSeams): Http {
  return { request: (request, signal) => exchange({ rules, seams, request }, signal) }
}

interface Exchange {
  readonly rules: () => NetworkRules
  readonly seams: NetworkSeams
  readonly request: HttpRequest
}

/** A request on its way: what a redirect can change. */
interface Leg {
  readonly target: Target
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
  readonly bearer: string | null
}

async function exchange(given: Exchange, cancelled: AbortSignal): Promise<HttpResponse> {
  const { request } = given
  checkLimits(request)
  checkHeaders(request.headers)
  const late = AbortSignal.timeout(request.timeoutMs)
  const signal = AbortSignal.any([cancelled, late])
  // Until a connection stands nothing has left; what goes wrong before then has surely had no effect.
  const way = { left: false }
  try {
    signal.throwIfAborted()
    return await follow(given, { signal, onConnected: () => (way.left = true) })
  } catch (thrown) {
    const effect = way.left ? {} : { effect: 'none' as const }
    if (cancelled.aborted)
      throw new Failure('cancelled', 'The request was cancelled', { cause: thrown, ...effect })
    if (late.aborted)
      throw new Failure('timeout', `No answer within ${request.timeoutMs} ms`, { cause: thrown, ...effect })
    throw way.left ? withoutEffect(thrown) : thrown
  }
}

/** What is refused at a redirect had no effect itself, but the request before it may have had one. */
function withoutEffect(thrown: unknown): unknown {
  if (!(thrown instanceof Failure) || thrown.effect === undefined) return thrown
  const { remedy } = thrown
  return new Failure(thrown.kind, thrown.message, {
    cause: thrown,
    ...(remedy === undefined ? {} : { remedy }),
  })
}

async function follow(
  { rules, seams, request }: Exchange,
  way: { readonly signal: AbortSignal; readonly onConnected: () => void },
): Promise<HttpResponse> {
  let leg: Leg = { ...request, target: targetOf(request.url) }
  for (let redirects = 0; ; redirects++) {
    const { target } = leg
    checkHost(target, rules())
    const headers = authorized(leg, rules())
    const addresses = await checkedAddresses(target, rules(), { resolve: seams.resolve, signal: way.signal })
    const answer = await send({
      ...leg,
      ...way,
      headers,
      addresses,
      seams,
      bytesMax: request.responseBytesMax,
    })
    const location = request.redirectsMax === 0 ? null : locationOf(answer)
    if (location === null) return { ...answer, url: target.url.href }
    if (redirects >= request.redirectsMax)
      throw new Failure('refused', `${request.url} was redirected more than ${request.redirectsMax} times`)
    leg = redirected(leg, { status: answer.status, location })
  }
}

function locationOf({ status, headers }: Answer): string | null {
  return [301, 302, 303, 307, 308].includes(status) ? (headers['location'] ?? null) : null
}

/** What follows a redirect (Fetch Standard, HTTP-redirect fetch), with less trust in the one who sends it. */
function redirected(leg: Leg, to: { readonly status: number; readonly location: string }): Leg {
  const target = nextTarget(leg.target, to.location)
  const sameOrigin = target.url.origin === leg.target.url.origin
  if (leg.target.url.protocol === 'https:' && target.url.protocol === 'http:')
    throw new Failure('refused', `${leg.target.host} redirects to ${target.host} without encryption`)
  const becomesGet =
    (to.status === 303 && leg.method !== 'HEAD') || (to.status <= 302 && leg.method === 'POST')
  const kept = becomesGet
    ? { method: 'GET', body: null, headers: withoutBody(leg.headers) }
    : { method: leg.method, body: leg.body, headers: leg.headers }
  if (!sameOrigin && kept.method !== 'GET' && kept.method !== 'HEAD')
    throw new Failure('refused', `${leg.target.host} would send the ${leg.method} on to ${target.host}`, {
      remedy: 'People saw the first address only: name the final one in `url`.',
    })
  if (sameOrigin) return { target, ...kept, bearer: leg.bearer }
  return { target, ...kept, headers: forOtherOrigin(kept.headers), bearer: null }
}

/** A whole address is read as strictly as the first one; only a path is resolved against it. */
function nextTarget({ url }: Target, location: string): Target {
  if (/^[a-z][a-z0-9+.-]*:/i.test(location)) return targetOf(location)
  if (/^[/\\]{2}/.test(location)) return targetOf(url.protocol + location)
  return targetOf(URL.parse(location, url.href)?.href ?? location)
}

function checkLimits(request: HttpRequest): void {
  const { timeoutMs, responseBytesMax, redirectsMax, body, method } = request
  if (!/^[A-Z]{3,10}$/.test(method) || method === 'CONNECT' || method === 'TRACE')
    throw invalid(`${JSON.stringify(method)} is not a method that can be sent`)
  if (!(timeoutMs >= 1 && timeoutMs <= networkLimits.timeoutMsMax))
    throw invalid(`a time limit is 1 to ${networkLimits.timeoutMsMax} ms`)
  if (!(responseBytesMax >= 0 && responseBytesMax <= networkLimits.responseBytesMax))
    throw invalid(`an answer is read up to ${networkLimits.responseBytesMax} bytes`)
  if (!(redirectsMax >= 0 && redirectsMax <= networkLimits.redirectsMax))
    throw invalid(`at most ${networkLimits.redirectsMax} redirects are followed`)
  if (body !== null && Buffer.byteLength(body) > networkLimits.requestBytesMax)
    throw invalid(`the body of a request has at most ${networkLimits.requestBytesMax} bytes`)
}

function invalid(message: string): Failure {
  return new Failure('invalid', message, { effect: 'none' })
}

const systemSeams: NetworkSeams = { resolve: systemResolve, certificates: [] }

/** By the machine's own rules (hosts file, search list); its lookup cannot be stopped, so that we stop waiting. */
async function systemResolve(host: string, signal: AbortSignal): Promise<readonly string[]> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(networkLimits.dnsMs)])
  const found = await Promise.race([lookup(host, { all: true, order: 'verbatim' }), aborted(limit)])
  return found.map(({ address }) => address)
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const leave = (): void => reject(signal.reason as Error)
    if (signal.aborted) leave()
    else signal.addEventListener('abort', leave, { once: true })
  })
}
