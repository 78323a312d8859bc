// The contract in `schema/`: what a document must look like, checked with Ajv, each fault told once.

import { Ajv, type ValidateFunction } from 'ajv'
import flowSchema from '../../schema/flow.schema.json' with { type: 'json' }
import policySchema from '../../schema/policy.schema.json' with { type: 'json' }
import stepSchema from '../../schema/step.schema.json' with { type: 'json' }
import wordsSchema from '../../schema/words.schema.json' with { type: 'json' }
import type { Problem } from '../model/problem.ts'
import { explain, type Checked } from './explain.ts'
import { withoutNoise } from './noise.ts'

export type Definition = 'flow' | 'policy' | 'shape' | 'from'

/** The problems of a value inside a parsed file; empty when it fits. */
export function checkSchema(definition: Definition, checked: Checked): readonly Problem[] {
  const validate = validator(definition)
  if (validate(checked.value)) return []
  const seen = new Set<string>()
  return withoutNoise(validate.errors ?? []).flatMap((error) => {
    const problem = explain(error, checked)
    const key = `${problem.code} ${problem.place.line}:${problem.place.column}`
    if (seen.has(key)) return []
    seen.add(key)
    return [problem]
  })
}

/** Compiled once for the process, at the first use. */
const compiled = new Map<Definition, ValidateFunction>()
let ajv: Ajv | null = null

const references: Readonly<Record<Definition, string>> = {
  flow: 'flow.schema.json',
  policy: 'policy.schema.json',
  shape: 'words.schema.json#/definitions/shape',
  from: 'step.schema.json#/definitions/from',
}

function validator(definition: Definition): ValidateFunction {
  const known = compiled.get(definition)
  if (known !== undefined) return known
  ajv ??= build()
  const validate = ajv.getSchema(references[definition])
  if (validate === undefined) throw new Error(`no schema for ${definition}`)
  compiled.set(definition, validate)
  return validate
}

/** That our schemas are schemas is a test's to see; looking at each start would cost a tenth of a second. */
export const unchecked = { meta: false, validateSchema: false } as const

function build(): Ajv {
  const built = new Ajv({
    ...unchecked,
    allErrors: true,
    verbose: true,
    strictTypes: false,
    validateFormats: false,
  })
  built.addVocabulary(['errorMessage'])
  built.addSchema(wordsSchema, 'words.schema.json')
  built.addSchema(stepSchema, 'step.schema.json')
  built.addSchema(flowSchema, 'flow.schema.json')
  built.addSchema(policySchema, 'policy.schema.json')
  return built
}
