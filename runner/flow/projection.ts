// Of a scope, only the paths that an expression reads, as CEL values.

import type { Scope } from '../model/flow.ts'
import type { Json } from '../model/json.ts'
import { intoCel, type Load } from './convert.ts'
import { any } from './type.ts'
import type { Read } from './view.ts'

type Context = Map<string, unknown>

export function projection(reads: readonly Read[]): (scope: Scope, load: Load) => Context {
  // A longer path inside a shorter one comes with it.
  const whole = reads.filter(
    (read) => !reads.some((other) => other !== read && isPrefix(other.keys, read.keys)),
  )
  return (scope, load) => {
    const context: Context = new Map()
    for (const read of whole) project(read, scope, { context, load })
    return context
  }
}

function isPrefix(prefix: readonly string[], path: readonly string[]): boolean {
  return prefix.length < path.length && prefix.every((key, index) => path[index] === key)
}

function project({ keys, type, certain }: Read, scope: Scope, into: { context: Context; load: Load }): void {
  let from: Json | Scope | undefined = scope
  let to = into.context
  for (const [index, key] of keys.entries()) {
    if (typeof from !== 'object' || from === null || Array.isArray(from) || !Object.hasOwn(from, key)) return
    const value: Json | undefined = (from as Record<string, Json>)[key]
    if (value === undefined) return
    const last = index === keys.length - 1
    if (last && value === null && !certain) return
    if (last || typeof value !== 'object' || value === null || Array.isArray(value)) {
      if (!to.has(key)) to.set(key, intoCel(value, last ? type : any, into.load))
      return
    }
    const next = to.get(key)
    const inner: Context = next instanceof Map ? (next as Context) : new Map()
    to.set(key, inner)
    from = value
    to = inner
  }
}
