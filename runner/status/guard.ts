// Who may look: on loopback every local browser by a local name, elsewhere whoever has the token.

import { timingSafeEqual } from 'node:crypto'
import { sha256 } from '../model/digest.ts'
import { Stop } from '../model/error.ts'
import type { StatusOptions } from './parts.ts'

export interface Asked {
  readonly host: string | undefined
  readonly authorization: string | undefined
  readonly cookie: string | undefined
  /** Value of `?token=`. */
  readonly token: string | undefined
}

export type Admission =
  | { readonly is: 'in' }
  /** The token stood in the address: keep it as a cookie and go on without it there. */
  | { readonly is: 'welcome'; readonly cookie: string }
  | { readonly is: 'out'; readonly why: 'host' | 'token' }

const loopbackNames = new Set(['localhost', '127.0.0.1', '[::1]'])
const loopbackHosts = new Set(['localhost', '127.0.0.1', '::1'])
const cookieName = 'watchbill'
const cookieSeconds = 30 * 86_400

/** Throws `Stop` when the page would listen beyond this machine without a token. */
export function makeGuard(options: StatusOptions): (asked: Asked) => Admission {
  const { token, publicUrl } = options
  const local = loopbackHosts.has(options.host)
  if (!local && token === null)
    throw new Stop(2, `the page would listen on ${options.host} without a token`, 'set WATCHBILL_PAGE_TOKEN')
  // A proxy in front of loopback is only answered with a token: a name that anyone can point here proves nothing.
  const known = new Set(loopbackNames)
  if (publicUrl !== null && token !== null) known.add(new URL(publicUrl).hostname.toLowerCase())
  const secure = publicUrl?.startsWith('https:') === true
  return (asked) => {
    if (local && !known.has(hostName(asked.host))) return { is: 'out', why: 'host' }
    if (token === null) return { is: 'in' }
    if (asked.token !== undefined && same(asked.token, token))
      return { is: 'welcome', cookie: cookieOf(token, secure) }
    return holdsToken(asked, token) ? { is: 'in' } : { is: 'out', why: 'token' }
  }
}

/** The name in a `Host` header, without its port. */
function hostName(header: string | undefined): string {
  return (header ?? '').toLowerCase().replace(/:\d+$/, '')
}

function holdsToken({ authorization, cookie }: Asked, token: string): boolean {
  const bearer = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1]
  if (bearer !== undefined && same(bearer, token)) return true
  const kept = (cookie ?? '').split(';').map((pair) => pair.trim())
  const value = kept.find((pair) => pair.startsWith(`${cookieName}=`))?.slice(cookieName.length + 1)
  return value !== undefined && same(value, sha256(token))
}

/** Compared by digest, so that neither length nor content can be measured. */
function same(given: string, expected: string): boolean {
  return timingSafeEqual(Buffer.from(sha256(given)), Buffer.from(sha256(expected)))
}

/** The cookie holds the token's digest: who reads the cookie store does not learn the token itself. */
function cookieOf(token: string, secure: boolean): string {
  const rest = `Path=/; Max-Age=${cookieSeconds}; HttpOnly; SameSite=Lax`
  return `${cookieName}=${sha256(token)}; ${rest}${secure ? '; Secure' : ''}`
}
