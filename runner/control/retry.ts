// The verb that starts an ended run again.

import { resolveRun } from './resolve-run.ts'
import type { Verb } from './verbs.ts'
import { Stop } from '../model/error.ts'
import type { Json } from '../model/json.ts'
import { retryRun } from '../run/retry-run.ts'

const stepCharactersMax = 600

/** `{ run, from?, yes?, by }` */
export const retry: Verb = async (parts, request) => {
  const run = await resolveRun(parts.database, request)
  const { from = null, by, yes } = request
  if (typeof by !== 'string' || by === '') throw new Stop(2, 'by is missing', 'see --help')
  if (from !== null && (typeof from !== 'string' || from.length > stepCharactersMax))
    throw new Stop(2, 'which step?', 'give its id, as the flow names it')
  const repeats = yes === true ? 'agreed' : 'not agreed'
  const retried = await retryRun(parts, { run, from, by, repeats })
  parts.changed('run', run)
  return retried as unknown as Json
}
