// Where a request may go: the address line is read strictly, the host is looked up, every address is judged.

import { isIP } from 'node:net'
import { addressKind } from './address.ts'
import { type HostAndPort, listsHost, plainHost } from './host.ts'
import type { NetworkRules, Resolve } from './network-rules.ts'
import { Failure } from '../model/error.ts'

export interface Target extends HostAndPort {
  /** Without fragment; its host is the plain one. */
  readonly url: URL
}

export const urlCharactersMax = 8_192

/** Reads an address line; throws `refused` for everything that is not plainly `http(s)://host[:port]/…`. */
export function targetOf(text: string): Target {
  if (text.length > urlCharactersMax) throw refused(text, `is longer than ${urlCharactersMax} characters`)
  // What one reader takes for the host another takes for a path or a name: such lines are not guessed at.
  if (hiddenOrBackslash.test(text)) throw refused(text, 'holds spaces, controls or backslashes')
  const authority = /^https?:\/\/([^/?#]+)/i.exec(text)?.[1]
  if (authority === undefined) throw refused(text, 'does not begin with http://host or https://host')
  if (authority.includes('@')) throw refused(text, 'holds a name or password before the host')
  const url = URL.parse(text)
  if (url === null || authority.includes('%')) throw refused(text, 'has no valid host')
  const host = plainHost(url.hostname)
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port)
  if (host === '' || port === 0) throw refused(text, 'has no valid host')
  url.hash = ''
  if (isIP(host) === 0) url.hostname = host
  return { url, host, port }
}

// oxlint-disable-next-line no-control-regex -- controls are what it looks for
const hiddenOrBackslash = /[\u0000-\u0020\u007f-\u00a0\u2028\u2029\\]/

/** The policy's word on the host, before anything is looked up. */
export function checkHost(target: Target, rules: NetworkRules): void {
  if (rules.egressHosts === null || listsHost(rules.egressHosts, target)) return
  if (listsHost(rules.privateHosts, target)) return
  throw refusedTarget(target, 'is not among the hosts that the policy allows', 'egress.hosts')
}

/** Every address that the host has, all of them judged: one bad one refuses the request. */
export async function checkedAddresses(
  target: Target,
  rules: NetworkRules,
  lookup: { readonly resolve: Resolve; readonly signal: AbortSignal },
): Promise<readonly string[]> {
  const addresses = isIP(target.host) === 0 ? await lookUp(target, lookup) : [target.host]
  for (const address of addresses)
    if (!mayConnect(address, target, rules))
      throw refusedTarget(target, `leads to ${address}, which is not a public address`, 'egress.private')
  return addresses
}

/** A listed name may lead inside, but not to where credentials are handed out; a listed address is meant as it stands. */
function mayConnect(address: string, target: Target, rules: NetworkRules): boolean {
  const kind = addressKind(address)
  if (kind === 'public') return true
  return listsHost(rules.privateHosts, target) && (kind === 'inside' || isIP(target.host) !== 0)
}

async function lookUp(
  target: Target,
  { resolve, signal }: { readonly resolve: Resolve; readonly signal: AbortSignal },
): Promise<readonly string[]> {
  const addresses = await resolve(target.host, signal).catch((cause: unknown) => {
    if (signal.aborted) throw cause
    throw new Failure('unavailable', `The host ${target.host} was not found`, {
      remedy: 'Check the name, and that this machine can look up names.',
      effect: 'none',
      cause,
    })
  })
  if (addresses.length > 0) return addresses
  throw new Failure('unavailable', `The host ${target.host} has no address`, { effect: 'none' })
}

function refused(text: string, why: string): Failure {
  const shown = JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text)
  return new Failure('refused', `${shown} ${why}`, {
    remedy: 'Give the address as https://host/path.',
    effect: 'none',
  })
}

function refusedTarget(target: Target, why: string, list: string): Failure {
  const { host, port } = target
  return new Failure('refused', `${host}:${port} ${why}`, {
    remedy: `If it is meant, name \`${host}\` under \`${list}\` in the policy.`,
    effect: 'none',
  })
}
