// Of the errors that a schema validator gives, those that say something.

import type { ErrorObject } from 'ajv'
import { closest } from './suggest.ts'

/** Nobody mends more at once, and a hostile file would only cost time. */
const errorsReadMax = 200

export function withoutNoise(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const read = errors.slice(0, errorsReadMax)
  return read.filter((error) => !isNoise(error, read))
}

/**
 * What the branches of a `oneOf` missed is told by the `oneOf` itself. Beside a mistyped key, what the right key
 * would have brought is not worth a line of its own.
 */
function isNoise(error: ErrorObject, all: readonly ErrorObject[]): boolean {
  if (/\/(?:oneOf|anyOf)\/\d/.test(error.schemaPath) || error.keyword === 'propertyNames') return true
  const unknown = all.flatMap((other) =>
    other.keyword === 'additionalProperties' && other.instancePath === error.instancePath
      ? [String(other.params['additionalProperty'])]
      : [],
  )
  if (error.keyword === 'required') return closest(String(error.params['missingProperty']), unknown) !== null
  return unknown.length > 0 && ['oneOf', 'minProperties', 'maxProperties'].includes(error.keyword)
}
