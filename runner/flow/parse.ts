// One YAML document to plain JSON, with the place of every key and value. Composes only what scan.ts let through.

import {
  Composer,
  isMap,
  isScalar,
  isSeq,
  type Document,
  type Node,
  type Pair,
  type Scalar,
  type YAMLMap,
} from 'yaml'
import type { Json, JsonObject } from '../model/json.ts'
import type { Problem } from '../model/problem.ts'
import { decode, findHidden, unstorable } from './decode.ts'
import { scan } from './scan.ts'
import { problemAt, problemInFile, type Finding, type Source } from './source.ts'
import { plainTrap, syntaxFinding } from './traps.ts'

/** Where an entry of a map or list stands. `node` is there for texts, so that places inside them can be found. */
export interface Spot {
  readonly keyAt: number
  readonly valueAt: number
  readonly node: Scalar | null
}

export interface Parsed {
  readonly source: Source
  readonly root: JsonObject
  /** By container (a map or list inside `root`), then by key or index. */
  readonly spots: ReadonlyMap<object, ReadonlyMap<string, Spot>>
}

export type ParseResult =
  | { readonly parsed: Parsed; readonly problems: readonly Problem[] }
  | { readonly parsed: null; readonly problems: readonly Problem[] }

export function parse(file: string, bytes: Uint8Array): ParseResult {
  const decoded = decode(file, bytes)
  if ('problem' in decoded) return failed(decoded.problem)
  const source = decoded.source
  const hidden = findHidden(source)
  if (hidden !== null) return failed(hidden)
  const scanned = scan(source)
  if ('problem' in scanned) return failed(scanned.problem)
  const [document] = new Composer(options).compose(scanned.tokens)
  if (document?.contents == null) return failed(problemInFile(file, nothing))
  const fault = document.errors[0] ?? document.warnings[0]
  if (fault !== undefined) return failed(problemAt(source, fault.pos[0], syntaxFinding(source, fault)))
  return convert(source, document)
}

/** `uniqueKeys` is quadratic in the library; the walk below looks itself. */
const options = {
  version: '1.2',
  strict: true,
  uniqueKeys: false,
  stringKeys: true,
  merge: false,
  prettyErrors: false,
  keepSourceTokens: false,
} as const

const nothing: Finding = {
  code: 'kind-unknown',
  message: 'the file holds no document',
  hint: 'start with apiVersion: watchbill/v1 and kind: Flow, or delete it',
}

function failed(problem: Problem): ParseResult {
  return { parsed: null, problems: [problem] }
}

interface Walk {
  readonly source: Source
  readonly spots: Map<object, Map<string, Spot>>
  readonly problems: Problem[]
}

function convert(source: Source, document: Document.Parsed): ParseResult {
  const walk: Walk = { source, spots: new Map(), problems: [] }
  const { contents } = document
  if (!isMap(contents)) {
    const hint = 'start with apiVersion: watchbill/v1 and kind: Flow'
    const message = `the document is ${isSeq(contents) ? 'a list' : 'a single value'}, not a map`
    return failed(problemAt(source, startOf(contents as Node), { code: 'kind-unknown', message, hint }))
  }
  const root = mapValue(contents, walk)
  if (walk.problems.length > 0) return { parsed: null, problems: walk.problems }
  return { parsed: { source, root, spots: walk.spots }, problems: [] }
}

function startOf(node: Node): number {
  return node.range?.[0] ?? 0
}

/** Depth is bounded by scan.ts. */
function valueOf(node: unknown, walk: Walk, inFlow: boolean): Json {
  if (isMap(node)) return mapValue(node, walk)
  if (isSeq(node)) {
    const list: Json[] = []
    const spots = spotsFor(list, walk)
    for (const item of node.items as Node[]) {
      spots.set(String(list.length), { keyAt: startOf(item), valueAt: startOf(item), node: textNode(item) })
      list.push(valueOf(item, walk, node.flow === true || inFlow))
    }
    return list
  }
  return isScalar(node) ? scalarValue(node, walk, inFlow) : null
}

function mapValue(node: YAMLMap, walk: Walk): JsonObject {
  const object: Record<string, Json> = {}
  const spots = spotsFor(object, walk)
  const flow = node.flow === true
  for (const pair of node.items as Pair<Scalar, Node | null>[]) {
    const key = keyOf(pair.key, walk)
    if (key === null) continue
    const keyAt = startOf(pair.key)
    if (spots.has(key)) {
      const hint = 'remove one of the two; the second would silently replace the first'
      report(walk, keyAt, { code: 'yaml-syntax', message: `the key ${key} stands twice`, hint })
      continue
    }
    const { value } = pair
    spots.set(key, { keyAt, valueAt: value === null ? keyAt : startOf(value), node: textNode(value) })
    if (flow && value === null && plainTrap(pair.key, 'flow') !== null) report(walk, keyAt, cutAtComma)
    object[key] = valueOf(value, walk, flow)
  }
  return object
}

const cutAtComma: Finding = {
  code: 'expression-unquoted',
  message: 'a comma inside { } ends the value before it',
  hint: 'quote the whole value',
}

function keyOf(key: Scalar, walk: Walk): string | null {
  const name = String(key.value)
  if (forbiddenKeys.has(name)) {
    report(walk, startOf(key), {
      code: 'yaml-unsafe',
      message: `${name} cannot be a key`,
      hint: 'choose another name',
    })
    return null
  }
  const fault = unstorable(name)
  if (fault === null) return name
  report(walk, startOf(key), { code: 'encoding', message: fault, hint: 'remove the escape' })
  return null
}

/** Names through which JavaScript objects could be reached; none of them means anything in a flow. */
const forbiddenKeys: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

function spotsFor(container: object, walk: Walk): Map<string, Spot> {
  const spots = new Map<string, Spot>()
  walk.spots.set(container, spots)
  return spots
}

function textNode(node: unknown): Scalar | null {
  return isScalar(node) && typeof node.value === 'string' ? node : null
}

function scalarValue(node: Scalar, walk: Walk, inFlow: boolean): Json {
  const { value } = node
  const fault = scalarFinding(node, inFlow)
  if (fault !== null) report(walk, startOf(node), fault)
  return typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number' ? value : null
}

function scalarFinding(node: Scalar, inFlow: boolean): Finding | null {
  const { value } = node
  if (typeof value === 'number') return numberFinding(value, node.source ?? '')
  if (typeof value !== 'string') return null
  const fault = unstorable(value)
  if (fault !== null) return { code: 'encoding', message: fault, hint: 'remove the escape' }
  return plainTrap(node, inFlow ? 'flow' : 'block')
}

/** Digits that are no plain decimal number (hashes, octal, versions of hardware) were hardly meant as a number. */
function numberFinding(value: number, written: string): Finding | null {
  if (/^[-+]?(?:0|[1-9]\d*)(?:\.\d+)?$/.test(written) && Math.abs(value) <= Number.MAX_SAFE_INTEGER)
    return null
  const reads = Number.isFinite(value) && Math.abs(value) <= Number.MAX_SAFE_INTEGER
  const message = reads
    ? `YAML reads ${written} as the number ${value}`
    : `${written} is not a number that can be kept exactly`
  const hint = reads ? `write ${value}, or quote it if it is a text` : 'quote it if it is a text'
  return { code: 'expression-unquoted', message, hint }
}

function report(walk: Walk, offset: number, finding: Finding): void {
  walk.problems.push(problemAt(walk.source, offset, finding))
}
