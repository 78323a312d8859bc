// The program's log on standard error: JSON lines, pretty on a terminal; secrets are replaced before a line leaves.

import { pino } from 'pino'
import pretty from 'pino-pretty'
import type { Log } from './log.ts'

export interface LogOptions {
  readonly level: string
  readonly style: 'json' | 'pretty'
  readonly redact: (text: string) => string
}

export function createLog(options: LogOptions): Log {
  const destination =
    options.style === 'pretty'
      ? pretty({
          colorize: true,
          destination: 2,
          sync: true,
          ignore: 'pid,hostname',
          translateTime: 'HH:MM:ss',
        })
      : pino.destination({ dest: 2, sync: true })
  const stream = { write: (line: string): void => void destination.write(options.redact(line)) }
  const logger = pino(
    {
      level: options.level,
      base: null,
      formatters: { level: (label) => ({ level: label }) },
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { error: errorFields },
    },
    stream,
  )
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
  }
}

/** A stack only for what is our bug; a failure of the world says itself in one line. */
function errorFields(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const kind = 'kind' in error ? String(error.kind) : error.name
  const world = ['Failure', 'Stop', 'DatabaseError'].includes(error.name)
  return world ? { kind, message: error.message } : { kind, message: error.message, stack: error.stack }
}
