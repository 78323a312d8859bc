// The log of a command: on standard error, so that standard output stays data.

import { createLog } from '../../world/program-log.ts'
import { createRedactor } from '../../world/redact.ts'
import type { Log } from '../../world/log.ts'
import { variables } from '../../world/settings.ts'

/** Secrets of the environment never appear in it. */
export function programLog(level: string): Log {
  const secret = variables.flatMap((variable) =>
    'secret' in variable ? [process.env[variable.name] ?? ''] : [],
  )
  const redact = createRedactor(() => secret.filter((value) => value.length >= 6))
  return createLog({ level, style: process.stderr.isTTY ? 'pretty' : 'json', redact })
}
