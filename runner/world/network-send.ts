// One request on one connection to an address that was judged before, and its answer within bounds.

import type { LookupFunction } from 'node:net'
import { isIPv6 } from 'node:net'
import type { buildConnector } from 'undici'
import { normalAddress } from './address.ts'
import { networkLimits, type NetworkSeams } from './network-rules.ts'
import { readBody } from './network-body.ts'
import type { Target } from './network-target.ts'
import { Failure } from '../model/error.ts'

export interface Sending {
  readonly target: Target
  /** Judged already; no other one is connected to. */
  readonly addresses: readonly string[]
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
  readonly bytesMax: number
  readonly signal: AbortSignal
  readonly seams: NetworkSeams
  readonly onConnected: () => void
}

export interface Answer {
  readonly status: number
  /** By lower-case name; cookies are left out. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly truncated: boolean
}

export async function send(sending: Sending): Promise<Answer> {
  const { target, method, body, signal } = sending
  // Loaded with the first request: a runner that calls nobody starts sooner.
  const undici = await import('undici')
  // A client of its own: no connection is shared with a request that was judged under other rules.
  const client = new undici.Client(target.url.origin, {
    connect: pinned(sending, undici.buildConnector),
    headersTimeout: networkLimits.timeoutMsMax,
    bodyTimeout: networkLimits.timeoutMsMax,
    maxHeaderSize: networkLimits.responseHeaderBytesMax,
    allowH2: false,
    pipelining: 1,
  })
  try {
    const answer = await client.request({
      path: target.url.pathname + target.url.search,
      method: method,
      headers: withDefaults(sending.headers),
      body,
      signal,
    })
    const headers = plain(answer.headers)
    const read = await readBody(answer.body, { method, headers, bytesMax: sending.bytesMax })
    return { status: answer.statusCode, headers, ...read }
  } catch (thrown) {
    throw signal.aborted ? thrown : failureOf(thrown, target)
  } finally {
    await client.destroy()
  }
}

/** Connects to the judged addresses only, with the name in SNI and Host, and looks once more at who answered. */
function pinned(
  { addresses, seams, onConnected }: Sending,
  connector: typeof buildConnector,
): buildConnector.connector {
  const judged = new Set(addresses.map(normalAddress))
  const connect = connector({
    timeout: networkLimits.connectMs,
    allowH2: false,
    maxCachedSessions: 0,
    autoSelectFamily: true,
    lookup: lookupOf(addresses),
    ...(seams.certificates.length === 0 ? {} : { ca: [...seams.certificates] }),
  })
  return (options, callback) =>
    connect(options, (...[error, socket]) => {
      if (error !== null) return callback(error, null)
      const answered = normalAddress(socket.remoteAddress ?? '')
      if (answered !== null && judged.has(answered)) {
        onConnected()
        return callback(null, socket)
      }
      socket.destroy()
      callback(new Failure('refused', `connected to ${answered ?? 'nobody'}, which was not judged`), null)
    })
}

function lookupOf(addresses: readonly string[]): LookupFunction {
  const all = addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }))
  return (_host, options, callback) => {
    if (options.all === true) callback(null, all)
    else callback(null, all[0]?.address ?? '', all[0]?.family)
  }
}

function withDefaults(headers: Readonly<Record<string, string>>): Record<string, string> {
  const named = new Set(Object.keys(headers).map((name) => name.toLowerCase()))
  const defaults = { accept: '*/*', 'accept-encoding': 'gzip, deflate, br', 'user-agent': 'watchbill' }
  return {
    ...Object.fromEntries(Object.entries(defaults).filter(([name]) => !named.has(name))),
    ...headers,
  }
}

/** A cookie is a key that nobody named as a secret: it would be kept with the run. */
const leftOut: ReadonlySet<string> = new Set(['set-cookie', 'set-cookie2'])

function plain(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const kept = Object.entries(headers).filter(([name, value]) => value !== undefined && !leftOut.has(name))
  return Object.fromEntries(
    kept.map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : String(value)]),
  )
}

const certificateCodes =
  /^(CERT_|CRL_|ERR_TLS_|ERR_SSL_|EPROTO|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH)/
const unconnectedCodes =
  /^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|EACCES|EPERM|UND_ERR_CONNECT_TIMEOUT)$/

function failureOf(thrown: unknown, { host, port }: Target): Failure {
  if (thrown instanceof Failure) return thrown
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : ''
  const said = thrown instanceof Error && thrown.message !== '' ? thrown.message : code
  if (certificateCodes.test(code))
    return new Failure('refused', `${host}:${port} could not be trusted: ${said}`, {
      remedy:
        "Repair its certificate, or give its authority to the runner's machine with NODE_EXTRA_CA_CERTS.",
      effect: 'none',
      cause: thrown,
    })
  if (code === 'UND_ERR_INVALID_ARG') return new Failure('invalid', said, { effect: 'none', cause: thrown })
  return new Failure('unavailable', `${host}:${port} did not answer: ${said}`, {
    ...(unconnectedCodes.test(code) ? { effect: 'none' } : {}),
    cause: thrown,
  })
}
