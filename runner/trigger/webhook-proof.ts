// Who sends a webhook: a bearer token, or a signature over time and body. Every comparison takes the same time.

import { createHmac, hash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { WebhookTrigger } from '../model/flow.ts'

export interface Presented {
  /** The header `authorization`. */
  readonly authorization: string | undefined
  /** The header `x-watchbill-signature`: `t=<unix seconds>,v1=<hex of HMAC-SHA-256 over "t.body">`. */
  readonly signature: string | undefined
  readonly body: Uint8Array
}

export type Proof =
  | { readonly is: 'bearer' }
  | { readonly is: 'hmac'; readonly signedSeconds: number }
  | { readonly is: 'none' }

/** How far the signed time may be from ours, either way; an older delivery may be a replay. */
export const replayMsMax = 300_000

/**
 * @param expected the way and the secret of the trigger; null when there is no such trigger or its secret is not
 * there, and then the same work is done for nothing
 */
export function proofOf(
  presented: Presented,
  expected: { readonly auth: WebhookTrigger['auth']; readonly secret: string } | null,
  nowMs: number,
): Proof {
  const auth = expected?.auth ?? (presented.signature === undefined ? 'bearer' : 'hmac')
  const secret = expected?.secret ?? nobody
  const usable = expected !== null && secret !== ''
  if (auth === 'bearer') {
    const token = /^Bearer +(\S+) *$/i.exec(presented.authorization ?? '')?.[1] ?? ''
    return same(token, secret) && usable ? { is: 'bearer' } : { is: 'none' }
  }
  const { signedSeconds, signatures } = parseSignature(presented.signature ?? '')
  const hmac = createHmac('sha256', secret).update(`${signedSeconds}.`).update(presented.body).digest('hex')
  const matches = signatures.map((given) => same(given, hmac)).includes(true)
  const fresh = Math.abs(nowMs - signedSeconds * 1_000) <= replayMsMax
  return matches && fresh && usable ? { is: 'hmac', signedSeconds } : { is: 'none' }
}

/** More than one signature is for the days in which a secret changes. */
const signaturesMax = 4

function parseSignature(header: string): {
  readonly signedSeconds: number
  readonly signatures: readonly string[]
} {
  const parts = header
    .slice(0, 1_000)
    .split(',')
    .map((part) => part.trim())
  const time = parts.find((part) => /^t=\d{1,12}$/.test(part))
  const signatures = parts.filter((part) => /^v1=[0-9a-f]{64}$/i.test(part)).slice(0, signaturesMax)
  return {
    signedSeconds: Number(time?.slice(2) ?? 0),
    signatures: signatures.map((part) => part.slice(3).toLowerCase()),
  }
}

/** Keyed by chance, so that neither length nor content of a secret can be told from how long a comparison takes. */
const blind = randomBytes(32).toString('hex')
const nobody = randomBytes(32).toString('hex')

function same(one: string, other: string): boolean {
  const digest = (text: string): Buffer => hash('sha256', blind + text, 'buffer')
  return timingSafeEqual(digest(one), digest(other))
}
