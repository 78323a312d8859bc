// Calls of functions, methods and macros.

import type { ASTNode } from '@marcbachmann/cel-js'
import { inferHas } from './infer-path.ts'
import { fits, macros, signatures, type Signature } from './signatures.ts'
import { didYouMean } from './suggest.ts'
import { any, bool, joined, listOf, showType, text, type Type } from './type.ts'
import { trustOf, type At, type Fault, type Judged } from './view.ts'

type CallNode = Extract<ASTNode, { op: 'call' | 'rcall' }>

interface Call {
  readonly node: CallNode
  readonly name: string
  readonly on: ASTNode | null
  readonly takes: readonly ASTNode[]
}

export function inferCall(node: CallNode, at: At): Judged {
  const call = callOf(node)
  if (call.name === 'has' && call.on === null) return inferredHas(call, at)
  if (call.name === 'file' && call.on === null) return inferFile(call, at)
  if (call.on !== null && loops.has(call.name)) return inferLoop(call, call.on, at)
  if (call.on !== null && optionals.has(call.name)) return inferOptional(call, call.on, at)
  return inferFunction(call, at)
}

function callOf(node: CallNode): Call {
  if (node.op === 'call') return { node, name: node.args[0], on: null, takes: node.args[1] }
  return { node, name: node.args[0], on: node.args[1], takes: node.args[2] }
}

function fault(at: At, node: ASTNode, found: Omit<Fault, 'start'>): Judged {
  at.inference.faults.push({ ...found, start: node.start })
  return { type: any, trust: 'untrusted' }
}

function inferredHas({ node, takes }: Call, at: At): Judged {
  const [argument] = takes
  const asked = argument === undefined || takes.length > 1 ? null : inferHas(argument, at)
  if (asked !== null) return { type: bool, trust: asked.trust }
  return fault(at, node, {
    code: 'expression-syntax',
    message: 'has( ) takes a path of names, like has(steps.a)',
    hint: 'for an element of a list write list[0].?name.hasValue()',
  })
}

function inferFile({ node, takes }: Call, at: At): Judged {
  const [argument] = takes
  if (argument?.op !== 'value' || typeof argument.args !== 'string' || takes.length > 1)
    return fault(at, node, {
      code: 'expression-syntax',
      message: 'file( ) takes one literal path, so that what a flow reads is known before it runs',
      hint: 'write file("knowledge/faq.md")',
    })
  const path = argument.args
  at.inference.files.add(path)
  const { files } = at.inference.view
  if (files !== null && !files.has(path))
    at.inference.faults.push({
      code: 'file-missing',
      start: argument.start,
      message: `there is no file ${path} in this commit`,
      hint: 'the path starts at the folder of the flows; commit the file with the flow',
    })
  return { type: text, trust: 'trusted' }
}

const loops: ReadonlySet<string> = new Set(['all', 'exists', 'exists_one', 'map', 'filter'])

function inferLoop({ node, name, takes }: Call, on: ASTNode, at: At): Judged {
  const list = at.infer(on, at)
  const [variable, ...bodies] = takes
  const most = name === 'map' ? 2 : 1
  if (variable?.op !== 'id' || bodies.length < 1 || bodies.length > most)
    return fault(at, node, {
      code: 'expression-syntax',
      message: `${name} takes a new name and an expression`,
      hint: `write list.${name}(x, …)`,
    })
  const element = elementOf(list.type)
  if (element === null)
    return fault(at, node, {
      code: 'expression-type',
      message: `${name} goes over a list, not ${showType(list.type)}`,
      hint: 'give it a list',
    })
  if (at.locals.has(variable.args) || at.inference.view.roots.has(variable.args))
    return fault(at, variable, {
      code: 'expression-syntax',
      message: `the name ${variable.args} is taken`,
      hint: 'choose another name for the element',
    })
  const inside: At = {
    ...at,
    locals: new Map([...at.locals, [variable.args, { type: element, trust: list.trust }]]),
  }
  const judged = bodies.map((body) => at.infer(body, inside))
  const conditions = name === 'map' ? judged.slice(0, -1) : judged
  for (const condition of conditions)
    if (condition.type.is !== 'bool' && condition.type.is !== 'any')
      fault(at, node, {
        code: 'expression-type',
        message: `the condition of ${name} must be true or false, not ${showType(condition.type)}`,
        hint: 'compare something',
      })
  return { type: loopResult(name, element, judged), trust: trustOf([list, ...judged]) }
}

function elementOf(type: Type): Type | null {
  if (type.is === 'any') return any
  if (type.is === 'list') return type.of
  return type.is === 'map' ? text : null
}

function loopResult(name: string, element: Type, bodies: readonly Judged[]): Type {
  if (name === 'map') return listOf(bodies.at(-1)?.type ?? any)
  return name === 'filter' ? listOf(element) : bool
}

const optionals: ReadonlySet<string> = new Set(['hasValue', 'value', 'or', 'orValue'])

function inferOptional({ node, name, takes }: Call, on: ASTNode, at: At): Judged {
  const receiver = at.infer(on, at)
  const given = takes.map((argument) => at.infer(argument, at))
  const trust = trustOf([receiver, ...given])
  if (receiver.type.is !== 'maybe' && receiver.type.is !== 'any')
    return fault(at, node, {
      code: 'expression-type',
      message: `${name} is for values that may be absent`,
      hint: 'read it with .? before, like a.?b.orValue(…)',
    })
  const of = receiver.type.is === 'maybe' ? receiver.type.of : any
  const [other] = given
  const wrong = other !== undefined && name === 'orValue' && !fits(other.type, of) && !fits(of, other.type)
  if (wrong)
    fault(at, node, {
      code: 'expression-type',
      message: `orValue gives ${showType(other.type)} for ${showType(of)}`,
      hint: 'give a value of the same kind',
    })
  if (name === 'hasValue') return { type: bool, trust }
  if (name === 'or') return { type: receiver.type, trust }
  return { type: other === undefined ? of : joined([of, other.type]), trust }
}

function inferFunction(call: Call, at: At): Judged {
  const { node, name, on, takes } = call
  const receiver = on === null ? null : at.infer(on, at)
  const given = takes.map((argument) => at.infer(argument, at))
  const trust = trustOf(receiver === null ? given : [receiver, ...given])
  const known = signatures.get(name)
  if (known === undefined) return fault(at, node, unknownFunction(name))
  const matching = known.filter((signature) => accepts(signature, receiver, given))
  if (matching.length > 0) return { type: joined(matching.map((signature) => signature.gives)), trust }
  const what = [receiver, ...given].filter((one) => one !== null).map((one) => showType(one.type))
  const message = `${name} does not take ${what.length === 0 ? 'nothing' : what.join(', ')}`
  return fault(at, node, {
    code: 'expression-type',
    message,
    hint: `it is ${known.map((signature) => written(name, signature)).join(' or ')}`,
  })
}

function accepts(signature: Signature, receiver: Judged | null, given: readonly Judged[]): boolean {
  if ((signature.on === null) !== (receiver === null)) return false
  if (signature.on !== null && receiver !== null && !fits(receiver.type, signature.on)) return false
  if (signature.takes.length !== given.length) return false
  return signature.takes.every((taken, index) => fits(given[index]?.type ?? any, taken))
}

function written(name: string, { on, takes }: Signature): string {
  return `${on === null ? '' : `${on.is}.`}${name}(${takes.map((type) => type.is).join(', ')})`
}

function unknownFunction(name: string): Omit<Fault, 'start'> {
  const message = `there is no function ${name}`
  if (name === 'matches')
    return {
      code: 'expression-syntax',
      message,
      hint: 'patterns can hang a runner; use contains, startsWith, endsWith or split',
    }
  return { code: 'reference-unknown', message, hint: didYouMean(name, [...signatures.keys(), ...macros]) }
}
