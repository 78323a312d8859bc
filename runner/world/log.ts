// The program's own log: a static message, facts as fields, nothing secret.

export type LogFields = Readonly<Record<string, unknown>>

/** `error` means our bug; a user's mistake or a remote's failure is `info` or `warn`. */
export interface Log {
  debug(fields: LogFields, message: string): void
  info(fields: LogFields, message: string): void
  warn(fields: LogFields, message: string): void
  error(fields: LogFields, message: string): void
}

export const silentLog: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
