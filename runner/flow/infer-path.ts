// Paths like `steps.triage.output.id`: every name has to exist, and to be certain or asked for before.

import type { ASTNode } from '@marcbachmann/cel-js'
import type { Trust } from '../model/trust.ts'
import { joined as joinedTrust } from '../model/trust.ts'
import { didYouMean } from './suggest.ts'
import { any, showType, type Field, type Type } from './type.ts'
import type { At, Fault, Judged } from './view.ts'

type PathNode = Extract<ASTNode, { op: 'id' | '.' | '.?' | '[]' | '[?]' }>

/** `keys`: the constant path so far, from a name of the view; null once it went through an index or a call. */
interface Walked extends Judged {
  readonly keys: readonly string[] | null
  /** A name that a macro of the expression itself brought; not read from outside. */
  readonly local: boolean
  /** Of the last name: whether it is there whenever what stands before it is. */
  readonly certain: boolean
}

export function inferPath(node: PathNode, at: At): Judged {
  const walked = walk(node, at)
  record(walked, at)
  return walked
}

/** `has(a.b)` asks for the last name only; what stands before it has to be certain. */
export function inferHas(node: ASTNode, at: At): Judged | null {
  if (node.op !== '.' && node.op !== '.?') return null
  const [of, key] = node.args
  const base = walk(of, at)
  if (base.keys === null) return null
  const walked = enter({ base, key, node, absent: 'fine' }, at)
  record(walked, at)
  return walked
}

function record({ keys, local, type, trust, certain }: Walked, at: At): void {
  if (keys === null || local) return
  const bare = type.is === 'maybe' ? type.of : type
  at.inference.reads.set(JSON.stringify(keys), { keys, type: bare, trust: wholeTrust(bare, trust), certain })
}

/** A value is only as trusted as every part of it. */
function wholeTrust(type: Type, trust: Trust): Trust {
  if (trust === 'untrusted' || type.is !== 'map') return trust
  return joinedTrust([...type.fields.values()].map((field) => wholeTrust(field.type, field.trust ?? trust)))
}

function walk(node: ASTNode, at: At): Walked {
  switch (node.op) {
    case 'id':
      return named(node, at)
    case '.':
    case '.?': {
      const base = walk(node.args[0], at)
      return enter({ base, key: node.args[1], node, absent: node.op === '.?' ? 'optional' : 'fault' }, at)
    }
    case '[]':
    case '[?]':
      return indexed(node, at)
    default:
      return { ...at.infer(node, at), keys: null, local: false, certain: true }
  }
}

const typeNames: ReadonlySet<string> = new Set([
  'int',
  'double',
  'string',
  'bool',
  'list',
  'map',
  'null_type',
  'type',
])

function named(node: Extract<ASTNode, { op: 'id' }>, at: At): Walked {
  const name = node.args
  const local = at.locals.get(name)
  if (local !== undefined) return { ...local, keys: [name], local: true, certain: true }
  const root = at.inference.view.roots.get(name)
  if (root !== undefined)
    return {
      type: root.type,
      trust: root.trust ?? 'trusted',
      keys: [name],
      local: false,
      certain: root.certain,
    }
  if (typeNames.has(name))
    return { type: { is: 'type' }, trust: 'trusted', keys: null, local: false, certain: true }
  const known = [...at.locals.keys(), ...at.inference.view.roots.keys()]
  const elsewhere = at.inference.view.elsewhere.get(name)
  fault(at, node, {
    code: 'reference-unknown',
    message: `there is no ${name} here`,
    hint: elsewhere ?? didYouMean(name, known),
  })
  return unknown
}

const unknown: Walked = { type: any, trust: 'untrusted', keys: null, local: false, certain: true }

interface Entering {
  readonly base: Walked
  readonly key: string
  readonly node: ASTNode
  /** What it means when the entry may be absent. */
  readonly absent: 'fault' | 'optional' | 'fine'
}

function enter(entering: Entering, at: At): Walked {
  const { base, key, absent } = entering
  const behind = base.type.is === 'maybe'
  const of = base.type.is === 'maybe' ? base.type.of : base.type
  // Behind an optional nothing has to be certain.
  const found = entry(behind ? { ...entering, absent: 'optional' } : entering, of, at)
  const wraps = (behind || absent === 'optional') && found.type.is !== 'maybe'
  const type: Type = wraps ? { is: 'maybe', of: found.type } : found.type
  const keys = base.keys === null ? null : [...base.keys, key]
  return { type, trust: found.trust ?? base.trust, keys, local: base.local, certain: found.certain }
}

function entry(entering: Entering, of: Type, at: At): Field {
  const { base, key, node, absent } = entering
  if (of.is === 'any') return open(any)
  if (of.is !== 'map') {
    const message = `${showType(of)} has no ${key}`
    const hint =
      of.is === 'list' ? 'name an element, like [0], or use map(x, …)' : 'remove the part behind the dot'
    fault(at, node, { code: 'expression-type', message, hint })
    return open(any)
  }
  const path = [...(base.keys ?? ['…']), key].join('.')
  const found = of.fields.get(key)
  if (found === undefined) {
    if (of.rest !== null) return open(of.rest)
    const elsewhere = at.inference.view.elsewhere.get(path)
    const hint = elsewhere ?? didYouMean(key, of.fields.keys())
    fault(at, node, { code: 'reference-unknown', message: `there is no ${path} here`, hint })
    return open(any)
  }
  if (absent !== 'fault' || found.certain || at.facts.has(path)) return found
  unguarded(entering, path, at)
  // Told once: what stands behind it is looked at when this is mended.
  return open(any)
}

function open(type: Type): Field {
  return { type, certain: true, trust: null }
}

function unguarded({ base, key, node }: Entering, path: string, at: At): void {
  const optional = `read it with .?${key} and .orValue(…)`
  const guard = base.keys === null ? optional : `ask before, like has(${path}) && …, or ${optional}`
  const hint = at.inference.view.elsewhere.get(path) ?? guard
  fault(at, node, { code: 'reference-unguarded', message: `${path} may not be there`, hint })
}

function indexed(node: Extract<ASTNode, { op: '[]' | '[?]' }>, at: At): Walked {
  const [of, index] = node.args
  const base = walk(of, at)
  const absent = node.op === '[?]' ? 'optional' : 'fault'
  if (index.op === 'value' && typeof index.args === 'string')
    return enter({ base, key: index.args, node, absent }, at)
  record(base, at)
  const position = at.infer(index, at)
  const type = elementType(node, { base, position }, at)
  return {
    type,
    trust: joinedTrust([wholeTrust(base.type, base.trust), position.trust]),
    keys: null,
    local: base.local,
    certain: true,
  }
}

function elementType(node: ASTNode, { base, position }: { base: Walked; position: Judged }, at: At): Type {
  const of = base.type.is === 'maybe' ? base.type.of : base.type
  const optional = base.type.is === 'maybe' || node.op === '[?]'
  const wrap = (type: Type): Type => (optional ? { is: 'maybe', of: type } : type)
  if (of.is === 'any') return wrap(any)
  if (of.is === 'list') {
    if (position.type.is !== 'int' && position.type.is !== 'any')
      fault(at, node, {
        code: 'expression-type',
        message: `a list is indexed by a whole number, not ${showType(position.type)}`,
        hint: 'use a number from 0',
      })
    return wrap(of.of)
  }
  if (of.is === 'map') return wrap(any)
  fault(at, node, {
    code: 'expression-type',
    message: `${showType(of)} has no elements`,
    hint: 'remove the [ ]',
  })
  return any
}

function fault(at: At, node: ASTNode, found: Omit<Fault, 'start'>): void {
  at.inference.faults.push({
    ...found,
    start: node.op === '.' || node.op === '.?' ? afterDot(node) : node.start,
  })
}

/** The name behind the last dot is what is wrong, not the beginning of the path. */
function afterDot(node: Extract<ASTNode, { op: '.' | '.?' }>): number {
  return node.end - node.args[1].length
}
