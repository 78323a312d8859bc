// Who a request comes from, by the token it carries.

import type { Token, World } from './world.ts'

/** `token …`, `Bearer …`, or Basic with the token as password. */
export function tokenOf(world: World, authorization: string | undefined): Token | 'anonymous' | 'unknown' {
  if (authorization === undefined || authorization === '') return 'anonymous'
  const [scheme = '', credentials = ''] = authorization.split(/\s+/, 2)
  const secret =
    scheme.toLowerCase() === 'basic'
      ? (Buffer.from(credentials, 'base64').toString('utf8').split(':', 2)[1] ?? '')
      : credentials
  const token = world.tokens.get(secret)
  if (token === undefined) return 'unknown'
  return token.expiresMs !== null && token.expiresMs <= world.now() ? 'unknown' : token
}

/** What answers say about the token that asked. */
export function tokenHeaders(token: Token | null): Readonly<Record<string, string>> {
  if (token === null) return {}
  const expiry =
    token.expiresMs === null
      ? {}
      : {
          'github-authentication-token-expiration': new Date(token.expiresMs)
            .toISOString()
            .replace('T', ' ')
            .replace(/\.\d+Z$/, ' UTC'),
        }
  return token.app === null ? { 'x-oauth-scopes': token.scopes.join(', '), ...expiry } : expiry
}
