// The one environment in which expressions are parsed and evaluated, with the functions of the language.

import { Environment, type ASTNode, type ParseResult } from '@marcbachmann/cel-js'
import { Failure } from '../model/error.ts'
import type { Json } from '../model/json.ts'
import { dateParts } from './calendar.ts'
import { Duration, fromCel, intoCel, Load, resultCharactersMax } from './convert.ts'
import { durationMs } from './duration.ts'
import { any } from './type.ts'

export const astNodesMax = 1_000
export const depthMax = 50

/** Under this name the files of the flow stand in the context; no expression can write it. */
export const filesKey = 'file()'

let environment: Environment | null = null

/** Throws the library's ParseError. */
export function parseCel(source: string): ParseResult {
  environment ??= build()
  return environment.parse(source)
}

function build(): Environment {
  const built = new Environment({
    unlistedVariablesAreDyn: true,
    homogeneousAggregateLiterals: false,
    enableOptionalTypes: true,
    limits: {
      maxAstNodes: astNodesMax,
      maxDepth: depthMax,
      maxListElements: 1_000,
      maxMapEntries: 100,
      maxCallArguments: 8,
    },
  })
  mixNumbers(built)
  registerTexts(built)
  registerNumbers(built)
  registerTimes(built)
  return built
}

/** `1 + 2.5`: the library calculates with numbers of one kind only. */
function mixNumbers(built: Environment): void {
  const operations: Readonly<Record<string, (a: number, b: number) => number>> = {
    '+': (a, b) => a + b,
    '-': (a, b) => a - b,
    '*': (a, b) => a * b,
    '/': (a, b) => a / b,
  }
  for (const [operator, calculate] of Object.entries(operations)) {
    const handle = (a: number | bigint, b: number | bigint): number => calculate(Number(a), Number(b))
    built.registerOperator(`int ${operator} double`, handle)
    built.registerOperator(`double ${operator} int`, handle)
  }
}

function registerTexts(built: Environment): void {
  const join = (list: readonly unknown[], separator: string): string => made(list.map(textOf), separator)
  const replace = (whole: string, part: string, by: string): string =>
    part === '' ? whole : made(whole.split(part), by)
  built.registerFunction('join(list): string', (list: readonly unknown[]) => join(list, ''))
  built.registerFunction('join(list, string): string', join)
  built.registerFunction('replace(string, string, string): string', replace)
  built.registerFunction('string.replace(string, string): string', replace)
  built.registerFunction('text(dyn): string', (value: unknown) => made([textOf(value)], ''))
  built.registerFunction('json(string): dyn', parseJson)
  built.registerFunction('file(ast): string', ({ args }: { args: readonly ASTNode[] }) => ({
    typeCheck: (checker: { getType(name: string): unknown }) => checker.getType('string'),
    evaluate: (_: unknown, __: unknown, context: { getValue(name: string): unknown }) => {
      const files = context.getValue(filesKey) as ReadonlyMap<unknown, string>
      const [argument] = args
      const content = argument?.op === 'value' ? files.get(argument.args) : undefined
      if (content === undefined)
        throw new Failure('invalid', 'file( ) names a file that is not part of the flow')
      return content
    },
    async: false,
  }))
}

function made(parts: readonly string[], separator: string): string {
  const length = parts.reduce((sum, part) => sum + part.length + separator.length, 0)
  if (length > resultCharactersMax)
    throw new Failure('invalid', `a text of ${length} characters is longer than ${resultCharactersMax}`)
  return parts.join(separator)
}

/** Lists and maps as JSON, everything else as people write it. */
function textOf(value: unknown): string {
  const plain = fromCel(value, new Load(resultCharactersMax))
  return typeof plain === 'string' ? plain : JSON.stringify(plain)
}

function parseJson(text: string): unknown {
  let value: Json
  try {
    value = JSON.parse(text) as Json
  } catch {
    throw new Failure('invalid', 'json( ) was given a text that is not JSON')
  }
  return intoCel(value, any, new Load(resultCharactersMax))
}

function registerNumbers(built: Environment): void {
  built.registerFunction('sum(list): dyn', (list: readonly unknown[]) => sum(list))
  built.registerFunction('avg(list): double', (list: readonly unknown[]) => {
    if (list.length === 0) throw new Failure('invalid', 'avg( ) was given an empty list')
    return Number(sum(list)) / list.length
  })
  built.registerFunction('round(double): int', (value: number) => BigInt(Math.round(value)))
  built.registerFunction('round(int): int', (value: bigint) => value)
  built.registerFunction('round(double, int): double', (value: number, digits: bigint) => {
    if (digits < 0n || digits > 12n) throw new Failure('invalid', 'round( ) takes 0 to 12 digits')
    return Number(value.toFixed(Number(digits)))
  })
  built.registerFunction('round(int, int): double', (value: bigint) => Number(value))
}

function sum(list: readonly unknown[]): bigint | number {
  const numbers = list.map((item) => {
    if (typeof item === 'bigint' || typeof item === 'number') return item
    throw new Failure('invalid', 'sum( ) and avg( ) take a list of numbers')
  })
  const whole = numbers.filter((item) => typeof item === 'bigint')
  if (whole.length === numbers.length) return whole.reduce((total, item) => total + item, 0n)
  return numbers.reduce((total: number, item) => total + Number(item), 0)
}

function registerTimes(built: Environment): void {
  built.registerFunction('span(string): google.protobuf.Duration', (text: string) => {
    const ms = durationMs(text)
    if (ms === null)
      throw new Failure('invalid', `${JSON.stringify(text.slice(0, 40))} is not a time span like 30s or 7d`)
    const seconds = Math.floor(ms / 1_000)
    return new Duration(BigInt(seconds), Math.round((ms - seconds * 1_000) * 1_000_000))
  })
  built.registerFunction('date(google.protobuf.Timestamp, string): map', (time: Date, zone: string) =>
    dateParts(time, zone),
  )
}

/** Before it is evaluated: the library's own `duration` knows no days and cannot be replaced. */
export function takeOwnFunctions(ast: ASTNode): void {
  const open: unknown[] = [ast]
  for (let part = open.pop(); part !== undefined; part = open.pop()) {
    if (Array.isArray(part)) open.push(...(part as unknown[]))
    if (typeof part !== 'object' || part === null || !('op' in part)) continue
    const node = part as ASTNode
    if (node.op === 'call' && node.args[0] === 'duration') node.args[0] = 'span'
    open.push(node.args)
  }
}
