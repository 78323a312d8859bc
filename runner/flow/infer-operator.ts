// Operators between two values: which types they take, what they give.

import type { ASTNode, BinaryOperator } from '@marcbachmann/cel-js'
import { fits } from './signatures.ts'
import { closest } from './suggest.ts'
import { any, bool, double, int, listOf, joined, showType, text, time, type Type } from './type.ts'
import { trustOf, type At, type Judged } from './view.ts'

type OperatorNode = Extract<ASTNode, { op: BinaryOperator }>

export function inferOperator(node: OperatorNode, at: At): Judged {
  const [left, right] = node.args
  const both = [at.infer(left, at), at.infer(right, at)] as const
  const type = resultOf(node.op, both[0].type, both[1].type)
  if (type === null) fault(at, node, both)
  else if (node.op === '==' || node.op === '!=' || node.op === 'in') checkValues(node, both, at)
  return { type: type ?? any, trust: trustOf(both) }
}

/** Null: the operator does not take these types. */
function resultOf(operator: BinaryOperator, left: Type, right: Type): Type | null {
  switch (operator) {
    case '==':
    case '!=':
      return left.is === 'null' || right.is === 'null' || fits(left, right) || fits(right, left) ? bool : null
    case '<':
    case '<=':
    case '>':
    case '>=':
      return comparable(left, right) ? bool : null
    case 'in':
      return holdable(left, right) ? bool : null
    case '%':
      return [left, right].every((type) => type.is === 'int' || type.is === 'any') ? int : null
    default:
      return left.is === 'any' || right.is === 'any'
        ? partlyKnown(left, right)
        : arithmetic(operator, left, right)
  }
}

/** With one side unknown, the known side decides what it can become. */
function partlyKnown(left: Type, right: Type): Type | null {
  const known = left.is === 'any' ? right : left
  if (known.is === 'text' || known.is === 'list') return known.is === 'list' ? listOf(any) : text
  return ['any', 'int', 'double', 'time', 'duration'].includes(known.is) ? any : null
}

function arithmetic(operator: BinaryOperator, left: Type, right: Type): Type | null {
  const number = numeric(left, right)
  if (number !== null) return number
  if (operator === '+' && left.is === 'text' && right.is === 'text') return text
  if (operator === '+' && left.is === 'list' && right.is === 'list')
    return listOf(joined([left.of, right.of]))
  const pair = `${left.is} ${operator} ${right.is}`
  if (['time + duration', 'duration + time', 'time - duration'].includes(pair)) return time
  return ['duration + duration', 'duration - duration', 'time - time'].includes(pair)
    ? { is: 'duration' }
    : null
}

function numeric(left: Type, right: Type): Type | null {
  const numbers = [left, right].every((type) => type.is === 'int' || type.is === 'double')
  if (!numbers) return null
  return left.is === 'int' && right.is === 'int' ? int : double
}

const ordered: ReadonlySet<string> = new Set(['any', 'int', 'double', 'text', 'time', 'duration', 'bool'])

function comparable(left: Type, right: Type): boolean {
  if (!ordered.has(left.is) || !ordered.has(right.is)) return false
  return left.is === 'any' || right.is === 'any' || left.is === right.is || numeric(left, right) !== null
}

function holdable(left: Type, right: Type): boolean {
  if (right.is === 'any') return true
  if (right.is === 'list') return fits(left, right.of) || fits(right.of, left)
  return right.is === 'map' && (left.is === 'text' || left.is === 'any')
}

function fault(at: At, node: OperatorNode, [left, right]: readonly [Judged, Judged]): void {
  const message = `${node.op} does not take ${showType(left.type)} and ${showType(right.type)}`
  at.inference.faults.push({
    code: 'expression-type',
    start: node.start,
    message,
    hint: adviceFor(node.op, left.type, right.type),
  })
}

function adviceFor(operator: BinaryOperator, left: Type, right: Type): string {
  const kinds = new Set([left.is, right.is])
  if (kinds.has('maybe')) return 'say what holds when it is absent: .orValue(…)'
  if (operator === 'in' && right.is === 'text') return 'write whole.contains(part)'
  if (operator === '+' && kinds.has('text')) return 'make the other a text first: text(…)'
  if (kinds.has('time') && kinds.has('text')) return 'make the text a time: timestamp(…)'
  if (kinds.has('text') && (kinds.has('int') || kinds.has('double')))
    return 'convert one: int(…), double(…) or text(…)'
  return 'compare and calculate with values of one kind'
}

/** A comparison with a value that can never come is a slip. */
function checkValues(node: OperatorNode, [left, right]: readonly [Judged, Judged], at: At): void {
  const [leftNode, rightNode] = node.args
  if (left.type.is === 'text' && left.type.among !== null) {
    const literals = node.op === 'in' && rightNode.op === 'list' ? rightNode.args : [rightNode]
    for (const literal of literals) checkValue(literal, left.type.among, at)
  }
  if (right.type.is === 'text' && right.type.among !== null) checkValue(leftNode, right.type.among, at)
}

function checkValue(literal: ASTNode, among: readonly string[], at: At): void {
  if (literal.op !== 'value' || typeof literal.args !== 'string' || among.includes(literal.args)) return
  const near = closest(literal.args, among)
  const hint = near === null ? `it can be ${among.join(', ')}` : `did you mean "${near}"?`
  const message = `it is never "${literal.args}"`
  at.inference.faults.push({ code: 'expression-type', start: literal.start, message, hint })
}
