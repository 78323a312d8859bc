// Which addresses belong to everybody, and which ones are somebody's inside.

import ipaddr from 'ipaddr.js'

/**
 * What an address is. `public`: routed on the internet. `inside`: a private network or this machine. `never`: where
 * clouds hand out credentials, or where no single machine is (link-local, multicast, unspecified, reserved, tunnels).
 */
export type AddressKind = 'public' | 'inside' | 'never'

/** Metadata services of clouds that do not stand in a link-local range: AWS on IPv6, Alibaba, Azure, Oracle. */
const metadata: ReadonlySet<string> = new Set([
  'fd00:ec2::254',
  '100.100.100.200',
  '168.63.129.16',
  '192.0.0.192',
])

const insideRanges: ReadonlySet<string> = new Set(['loopback', 'private', 'uniqueLocal', 'carrierGradeNat'])

/** Anything that is not an address is `never`. IPv4 inside IPv6 (`::ffff:0:0/96`) is taken for what it is. */
export function addressKind(address: string): AddressKind {
  const normal = normalAddress(address)
  if (normal === null || metadata.has(normal)) return 'never'
  const range = ipaddr.parse(normal).range()
  if (insideRanges.has(range)) return 'inside'
  if (range !== 'unicast') return 'never'
  // Only 2000::/3 has been handed out (IANA IPv6 address space registry); the rest is not public either.
  return normal.includes(':') && !/^[23][0-9a-f]{3}:/.test(normal) ? 'never' : 'public'
}

/** One spelling for each address; null when it is none. */
export function normalAddress(address: string): string | null {
  return ipaddr.isValid(address) ? ipaddr.process(address).toString() : null
}
