// A file that should be a flow, parsed and fitting the schema; nothing compiled yet.

import type { Problem } from '../model/problem.ts'
import type { FlowDocument } from './document.ts'
import { kindProblem } from './kind.ts'
import { parse, type Parsed } from './parse.ts'
import { checkSchema } from './schema.ts'

export type ReadFlow =
  | { readonly is: 'flow'; readonly parsed: Parsed; readonly document: FlowDocument }
  /** `name`: what it calls itself, when that much can be read. */
  | { readonly is: 'misfit'; readonly name: string | null; readonly problems: readonly Problem[] }

export function readFlow(file: string, bytes: Uint8Array): ReadFlow {
  const { parsed, problems } = parse(file, bytes)
  if (parsed === null) return { is: 'misfit', name: null, problems }
  const written = parsed.root['name']
  const name = typeof written === 'string' ? written : null
  const kind = kindProblem(parsed, 'Flow')
  if (kind !== null) return { is: 'misfit', name, problems: [kind] }
  const misfits = checkSchema('flow', { parsed, value: parsed.root, name: 'the flow' })
  if (misfits.length > 0) return { is: 'misfit', name, problems: misfits }
  return { is: 'flow', parsed, document: parsed.root as unknown as FlowDocument }
}
