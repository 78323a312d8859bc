// What is known to be there once a condition has turned out true or false.

import type { ASTNode } from '@marcbachmann/cel-js'
import type { At } from './view.ts'

export function factsIfTrue(node: ASTNode, at: At): readonly string[] {
  switch (node.op) {
    case '&&':
      return [...factsIfTrue(node.args[0], at), ...factsIfTrue(node.args[1], at)]
    case '||': {
      const right = factsIfTrue(node.args[1], at)
      return factsIfTrue(node.args[0], at).filter((path) => right.includes(path))
    }
    case '!_':
      return factsIfFalse(node.args, at)
    case '==':
      return granted(node.args, at)
    case 'call':
      return asked(node)
    default:
      return []
  }
}

export function factsIfFalse(node: ASTNode, at: At): readonly string[] {
  switch (node.op) {
    case '||':
      return [...factsIfFalse(node.args[0], at), ...factsIfFalse(node.args[1], at)]
    case '!_':
      return factsIfTrue(node.args, at)
    case '!=':
      return granted(node.args, at)
    default:
      return []
  }
}

/** `has(a.b)`: a.b is there. */
function asked(node: Extract<ASTNode, { op: 'call' }>): readonly string[] {
  const [name, [argument]] = node.args
  const path = name === 'has' && argument !== undefined ? pathOf(argument) : null
  return path === null ? [] : [path]
}

/** `steps.triage.choice == "reply"`: what that choice brings is there. */
function granted([left, right]: readonly [ASTNode, ASTNode], at: At): readonly string[] {
  const [path, literal] =
    left.op === 'value'
      ? [pathOf(right), left.args]
      : [pathOf(left), right.op === 'value' ? right.args : null]
  if (path === null || typeof literal !== 'string') return []
  return at.inference.view.grants.get(`${path}=${literal}`) ?? []
}

/** The dotted path of a chain of names; null when it is anything else. */
export function pathOf(node: ASTNode): string | null {
  if (node.op === 'id') return node.args
  if (node.op === '.' || node.op === '.?') {
    const base = pathOf(node.args[0])
    return base === null ? null : `${base}.${node.args[1]}`
  }
  if (node.op !== '[]' && node.op !== '[?]') return null
  const [of, key] = node.args
  const base = key.op === 'value' && typeof key.args === 'string' ? pathOf(of) : null
  return base === null || key.op !== 'value' ? null : `${base}.${String(key.args)}`
}
