// An expression from its text: parsed, typed and labelled once, evaluated as often as needed, always within bounds.

import type { ParseResult } from '@marcbachmann/cel-js'
import { Failure } from '../model/error.ts'
import type { Expression, Scope } from '../model/flow.ts'
import type { Json } from '../model/json.ts'
import type { Place } from '../model/problem.ts'
import { joined as joinedTrust } from '../model/trust.ts'
import { filesKey, parseCel, takeOwnFunctions } from './cel.ts'
import { fromCel, Load, readCharactersMax, resultCharactersMax } from './convert.ts'
import { factsIfTrue } from './facts.ts'
import { infer } from './infer.ts'
import { limitLoops } from './meter.ts'
import { projection } from './projection.ts'
import type { Type } from './type.ts'
import type { At, Fault, Inference, Read, View } from './view.ts'

export const sourceCharactersMax = 4_000

export interface Written {
  readonly source: string
  readonly place: Place
  /** Content of the files beside the flow; asked only for those that the expression names. */
  readonly files: { get(path: string): string | undefined }
}

export interface Compiled {
  readonly expression: Expression
  readonly type: Type
  /** Paths that are there when it is true. */
  readonly facts: readonly string[]
  readonly files: ReadonlySet<string>
}

export type CompiledOrFaults = { readonly compiled: Compiled } | { readonly faults: readonly Fault[] }

export function compileExpression(written: Written, view: View): CompiledOrFaults {
  const { source } = written
  if (source.length > sourceCharactersMax)
    return {
      faults: [
        {
          code: 'expression-syntax',
          start: 0,
          message: `the expression has ${source.length} characters, the limit is ${sourceCharactersMax}`,
          hint: 'split it over several steps',
        },
      ],
    }
  const parsed = parsedOrFault(source)
  if ('start' in parsed) return { faults: [parsed] }
  const inference: Inference = { view, reads: new Map(), faults: [], files: new Set() }
  const at: At = { inference, infer, facts: view.certain, locals: new Map() }
  const { type } = infer(parsed.ast, at)
  takeOwnFunctions(parsed.ast)
  const mistyped = inference.faults.length === 0 ? libraryFault(parsed) : null
  const faults = mistyped === null ? inference.faults : [mistyped]
  if (faults.length > 0) return { faults }
  const expression = evaluable(written, parsed, inference)
  return { compiled: { expression, type, facts: factsIfTrue(parsed.ast, at), files: inference.files } }
}

function parsedOrFault(source: string): ParseResult | Fault {
  try {
    return parseCel(source)
  } catch (thrown) {
    const fault = thrown as { summary?: string; range?: { start: number } }
    const message = `the expression cannot be read: ${decapitalised(fault.summary ?? 'not CEL')}`
    return { code: 'expression-syntax', start: fault.range?.start ?? 0, message, hint: syntaxHint(source) }
  }
}

const words: ReadonlySet<string> = new Set([
  'in',
  'null',
  'true',
  'false',
  'package',
  'as',
  'if',
  'else',
  'for',
  'function',
  'import',
  'let',
  'loop',
  'namespace',
  'return',
  'var',
  'void',
  'while',
  'break',
  'const',
  'continue',
])

function syntaxHint(source: string): string {
  const reserved = source.match(/\.(\w+)/g)?.find((part) => words.has(part.slice(1)))
  if (reserved !== undefined)
    return `${reserved.slice(1)} is a word of the language; write ["${reserved.slice(1)}"]`
  if (/(?<!=)=(?!=)/.test(source.replaceAll(/[!<>=]=/g, ''))) return 'compare with =='
  if (/\b(and|or|not)\b/.test(source)) return 'write &&, || and !'
  return 'expressions are CEL; see docs/FLOWS.md'
}

/** What the library's own check refuses would also be refused when evaluated. */
function libraryFault(parsed: ParseResult): Fault | null {
  const { valid, error } = parsed.check()
  if (valid || error === undefined) return null
  // An error of the library's own has no summary.
  const message = decapitalised((error as Partial<typeof error>).summary ?? 'the types do not go together')
  return {
    code: 'expression-type',
    start: error.range?.start ?? 0,
    message,
    hint: 'see the chapter on expressions in docs/FLOWS.md',
  }
}

/** Keeps nothing of the file or the view: compiled flows stay in memory long after both. */
function evaluable({ source, place, files }: Written, parsed: ParseResult, inference: Inference): Expression {
  const reads = [...inference.reads.values()]
  const contents = new Map<string, string>()
  for (const path of inference.files) contents.set(path, files.get(path) ?? '')
  return {
    source,
    place,
    reads: reads.map((read) => read.keys.join('.')),
    trust: joinedTrust(reads.map((read) => read.trust)),
    evaluate: evaluator({ source, place, parsed, reads, contents }),
  }
}

interface Program {
  readonly source: string
  readonly place: Place
  readonly parsed: ParseResult
  readonly reads: readonly Read[]
  readonly contents: ReadonlyMap<string, string>
}

function evaluator({ source, place, parsed, reads, contents }: Program): Expression['evaluate'] {
  const meter = limitLoops(parsed.ast)
  const project = projection(reads)
  return (scope: Scope): Json => {
    try {
      const load = new Load(readCharactersMax)
      const context = project(scope, load)
      context.set(filesKey, contents)
      meter.reset(load.characters)
      return fromCel(parsed(context), new Load(resultCharactersMax))
    } catch (thrown) {
      throw failure(thrown, source, place)
    }
  }
}

function failure(thrown: unknown, source: string, place: Place): Failure {
  const summary = thrown instanceof Error && 'summary' in thrown ? String(thrown.summary) : null
  const message = summary ?? (thrown instanceof Error ? thrown.message : 'it failed')
  const shown = source.length > 200 ? `${source.slice(0, 200)}…` : source
  const remedy =
    thrown instanceof Failure && thrown.remedy !== undefined
      ? thrown.remedy
      : 'Look at the values it reads in the journal.'
  return new Failure(
    'invalid',
    `${place.file}:${place.line}:${place.column}: ${shown}: ${decapitalised(message)}`,
    { remedy, cause: thrown },
  )
}

function decapitalised(sentence: string): string {
  return sentence.slice(0, 1).toLowerCase() + sentence.slice(1)
}
