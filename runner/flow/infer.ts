// The type and the trust of an expression, and what it reads, found out without evaluating it.

import type { ASTNode } from '@marcbachmann/cel-js'
import { factsIfFalse, factsIfTrue } from './facts.ts'
import { inferCall } from './infer-call.ts'
import { inferOperator } from './infer-operator.ts'
import { inferPath } from './infer-path.ts'
import { any, bool, double, int, joined, listOf, text, showType, type Field, type Type } from './type.ts'
import { trustOf, withFacts, type At, type Judged } from './view.ts'

export function infer(node: ASTNode, at: At): Judged {
  switch (node.op) {
    case 'value':
      return { type: literalType(node.args), trust: 'trusted' }
    case 'id':
    case '.':
    case '.?':
    case '[]':
    case '[?]':
      return inferPath(node, at)
    case 'list': {
      const items = node.args.map((item) => inferPart(item, at))
      return { type: listOf(joined(items.map((item) => item.type))), trust: trustOf(items) }
    }
    case 'map':
      return inferMap(node, at)
    case '?:':
      return inferTernary(node, at)
    case '||':
    case '&&':
      return inferLogic(node, at)
    case '!_':
      return { type: bool, trust: wanted(node.args, { at, type: bool, what: '! takes' }).trust }
    case '-_': {
      const operand = infer(node.args, at)
      const fine = operand.type.is === 'any' || operand.type.is === 'int' || operand.type.is === 'double'
      if (!fine) fault(at, node, `- takes a number, not ${showType(operand.type)}`)
      return operand
    }
    case 'call':
    case 'rcall':
      return inferCall(node, at)
    default:
      return inferOperator(node, at)
  }
}

function fault(at: At, node: ASTNode, message: string): void {
  const hint = 'see the chapter on expressions in docs/FLOWS.md'
  at.inference.faults.push({ code: 'expression-type', start: node.start, message, hint })
}

interface Wanted {
  readonly at: At
  readonly type: Type
  readonly what: string
}

/** Infers a part that has to be of one type. */
function wanted(node: ASTNode, { at, type, what }: Wanted): Judged {
  const judged = infer(node, at)
  if (judged.type.is !== 'any' && judged.type.is !== type.is)
    fault(at, node, `${what} ${showType(type)}, not ${showType(judged.type)}`)
  return judged
}

function literalType(value: unknown): Type {
  switch (typeof value) {
    case 'string':
      return text
    case 'bigint':
      return int
    case 'number':
      return double
    case 'boolean':
      return bool
    default:
      return value === null ? { is: 'null' } : value instanceof Uint8Array ? { is: 'bytes' } : any
  }
}

/** Inside a list or a map nothing can be absent. */
function inferPart(node: ASTNode, at: At): Judged {
  const part = infer(node, at)
  if (part.type.is === 'maybe') fault(at, node, 'a list or map holds no absent values: add .orValue(…)')
  return part
}

function inferMap(node: Extract<ASTNode, { op: 'map' }>, at: At): Judged {
  const fields = new Map<string, Field>()
  const parts: Judged[] = []
  let open = false
  for (const [key, value] of node.args) {
    const inferred = inferPart(value, at)
    parts.push(infer(key, at), inferred)
    if (key.op === 'value' && typeof key.args === 'string')
      fields.set(key.args, { type: inferred.type, certain: true, trust: null })
    else open = true
  }
  return { type: { is: 'map', fields, rest: open ? any : null }, trust: trustOf(parts) }
}

function inferTernary(node: Extract<ASTNode, { op: '?:' }>, at: At): Judged {
  const [condition, yes, no] = node.args
  const parts = [
    wanted(condition, { at, type: bool, what: 'the condition before ? must be' }),
    infer(yes, withFacts(at, factsIfTrue(condition, at))),
    infer(no, withFacts(at, factsIfFalse(condition, at))),
  ]
  return { type: joined(parts.slice(1).map((part) => part.type)), trust: trustOf(parts) }
}

/** The right side is evaluated only when the left did not settle it, so what the left asked is known there. */
function inferLogic(node: Extract<ASTNode, { op: '||' | '&&' }>, at: At): Judged {
  const [left, right] = node.args
  const what = `${node.op} takes`
  const known = node.op === '&&' ? factsIfTrue(left, at) : factsIfFalse(left, at)
  const parts = [
    wanted(left, { at, type: bool, what }),
    wanted(right, { at: withFacts(at, known), type: bool, what }),
  ]
  return { type: bool, trust: trustOf(parts) }
}
