// Hosts as people list them in the policy: `api.example.com`, `*.example.com`, `localhost:8000`, `[::1]:80`.

export interface HostAndPort {
  /** Lower case, ASCII, without brackets and without a dot at the end. */
  readonly host: string
  readonly port: number
}

/** Whether a list names this host; an entry without a port means every port. */
export function listsHost(entries: readonly string[], at: HostAndPort): boolean {
  return entries.some((entry) => names(entry, at))
}

/** The one spelling of a host that comparisons use. */
export function plainHost(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '')
}

function names(entry: string, { host, port }: HostAndPort): boolean {
  const parts = split(entry.trim())
  if (parts.port !== null && parts.port !== port) return false
  if (!parts.host.startsWith('*.')) return canonical(parts.host) === host
  const suffix = canonical(parts.host.slice(2))
  return suffix !== null && host.endsWith(`.${suffix}`)
}

function split(entry: string): { readonly host: string; readonly port: number | null } {
  const bracketed = /^\[([^\]]+)\](?::(\d{1,5}))?$/.exec(entry)
  const found = bracketed ?? /^([^:]+):(\d{1,5})$/.exec(entry)
  if (found === null) return { host: entry, port: null }
  return { host: found[1] ?? '', port: found[2] === undefined ? null : Number(found[2]) }
}

function canonical(host: string): string | null {
  const url = URL.parse(`http://${host.includes(':') ? `[${host}]` : host}/`)
  return url === null ? null : plainHost(url.hostname)
}
