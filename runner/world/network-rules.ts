// What the operator allows of the network, what a test may replace, and the bounds that always hold.

export interface NetworkRules {
  /** Hosts that may be called; null: every public host. */
  readonly egressHosts: readonly string[] | null
  /** Hosts that may be called although their address is not public. */
  readonly privateHosts: readonly string[]
  /** Hosts that each secret may be sent to. */
  readonly secretHosts: Readonly<Record<string, readonly string[]>>
  /** The value of a secret; null when it is not set. */
  secret(name: string): string | null
}

/** All addresses of a name. Rejects when there is no such name or the signal is aborted. */
export type Resolve = (host: string, signal: AbortSignal) => Promise<readonly string[]>

export interface NetworkSeams {
  readonly resolve: Resolve
  /** Certificates to trust beside those of Node, PEM. */
  readonly certificates: readonly string[]
}

export const networkLimits = {
  timeoutMsMax: 600_000,
  dnsMs: 10_000,
  connectMs: 10_000,
  requestBytesMax: 4_194_304,
  responseBytesMax: 8_388_608,
  responseHeaderBytesMax: 32_768,
  redirectsMax: 10,
} as const
