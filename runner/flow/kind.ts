// Which kind of document a parsed file is.

import type { Json } from '../model/json.ts'
import type { Problem } from '../model/problem.ts'
import type { Parsed } from './parse.ts'
import { spotAt } from './explain.ts'
import { problemAt, problemInFile } from './source.ts'
import { closest } from './suggest.ts'

export type Kind = 'Flow' | 'Policy'

/** Null when it is the wanted kind; else what is wrong with it. */
export function kindProblem(parsed: Parsed, wanted: Kind): Problem | null {
  const kind: Json | undefined = parsed.root['kind']
  const { source, root } = parsed
  const start = {
    code: 'kind-unknown',
    hint: `start with apiVersion: watchbill/v1 and kind: ${wanted}`,
  } as const
  if (kind === undefined)
    return problemInFile(source.file, { ...start, message: 'the document does not say its kind' })
  if (kind === wanted) return null
  const offset = spotAt(parsed, root, ['kind']).valueAt
  if (kind === 'Policy' || kind === 'Flow') {
    const hint =
      kind === 'Policy'
        ? 'there is one policy, in policy.yaml at the top of the folder'
        : 'move the flow into a file of its own'
    return problemAt(source, offset, {
      code: 'name-mismatch',
      message: `a ${kind} cannot stand in this file`,
      hint,
    })
  }
  const near = typeof kind === 'string' ? closest(kind, ['Flow', 'Policy']) : null
  const later = kind === 'Template' || kind === 'FlowTest'
  const hint = later
    ? 'this kind comes in a later version'
    : near === null
      ? start.hint
      : `did you mean ${near}?`
  return problemAt(source, offset, {
    code: 'kind-unknown',
    message: `the kind ${JSON.stringify(kind)} is not known here`,
    hint,
  })
}
