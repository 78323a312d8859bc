// Headers of a request: what an author may set, what goes along to another host, and where a secret may be sent.

import { listsHost } from './host.ts'
import type { NetworkRules } from './network-rules.ts'
import type { Target } from './network-target.ts'
import { Failure } from '../model/error.ts'

export const headerLimits = { countMax: 64, bytesMax: 32_768 } as const

type Headers = Readonly<Record<string, string>>

/** They frame the request or speak to the next hop: ours alone. */
const ours: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** Throws `invalid` for names and values that are no header, and `refused` for those that are not the author's. */
export function checkHeaders(headers: Headers): void {
  const entries = Object.entries(headers)
  const bytes = entries.reduce((sum, [name, value]) => sum + name.length + value.length, 0)
  if (entries.length > headerLimits.countMax || bytes > headerLimits.bytesMax)
    throw new Failure(
      'invalid',
      `Headers are at most ${headerLimits.countMax} with ${headerLimits.bytesMax} bytes`,
      {
        effect: 'none',
      },
    )
  const seen = new Set<string>()
  for (const [name, value] of entries) {
    const lower = name.toLowerCase()
    // RFC 9110, 5.1 and 5.5. A line end would begin a header, or a request, that nobody approved.
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name) || !/^[\t\x20-\x7e\x80-\xff]*$/.test(value))
      throw new Failure('invalid', `The header ${JSON.stringify(name)} holds characters that no header can`, {
        remedy: 'Line ends, controls and letters beyond Latin-1 cannot stand in a header.',
        effect: 'none',
      })
    if (ours.has(lower))
      throw new Failure('refused', `The header ${name} is set by the runner alone`, { effect: 'none' })
    if (seen.has(lower)) throw new Failure('invalid', `The header ${name} stands twice`, { effect: 'none' })
    seen.add(lower)
  }
}

/** Everything else may be a key to the first host. */
const harmless: ReadonlySet<string> = new Set(['accept', 'accept-encoding', 'accept-language', 'user-agent'])

export function forOtherOrigin(headers: Headers): Headers {
  return only(headers, (name) => harmless.has(name))
}

/** Without what speaks of a body that is no longer sent (Fetch Standard, request-body-header name). */
export function withoutBody(headers: Headers): Headers {
  return only(headers, (name) => !/^content-(type|encoding|language|location)$/.test(name))
}

function only(headers: Headers, keep: (name: string) => boolean): Headers {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => keep(name.toLowerCase())))
}

interface Leg {
  readonly target: Target
  readonly headers: Headers
  readonly bearer: string | null
}

/** The headers with the secret, when one is to be sent and this host may have it. */
export function authorized({ target, headers, bearer }: Leg, rules: NetworkRules): Record<string, string> {
  if (bearer === null) return { ...headers }
  const hosts = Object.hasOwn(rules.secretHosts, bearer) ? (rules.secretHosts[bearer] ?? []) : []
  if (!listsHost(hosts, target))
    throw refused(
      `The secret ${bearer} may not be sent to ${target.host}`,
      `Name the host under \`secrets.${bearer}.hosts\` in the policy.`,
    )
  if (target.url.protocol !== 'https:' && !listsHost(rules.privateHosts, target))
    throw refused(`The secret ${bearer} would go to ${target.host} without encryption`, 'Use https.')
  if (Object.keys(headers).some((name) => name.toLowerCase() === 'authorization'))
    throw refused('A header Authorization stands beside the secret', 'Leave one of them out.')
  const value = rules.secret(bearer)
  if (value === null)
    throw refused(
      `The secret ${bearer} is not set`,
      `Set ${bearer} or ${bearer}_FILE in the runner's environment.`,
    )
  if (!/^[\x21-\x7e]+$/.test(value))
    throw refused(
      `The secret ${bearer} cannot stand in a header`,
      'It holds spaces, line ends or other letters.',
    )
  return { ...headers, authorization: `Bearer ${value}` }
}

function refused(message: string, remedy: string): Failure {
  return new Failure('refused', message, { remedy, effect: 'none' })
}
