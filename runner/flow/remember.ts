// The results used last, up to a number of them.

export interface Remembering<Value> {
  of(key: string, make: () => Value): Value
  get(key: string): Value | undefined
  set(key: string, value: Value): void
}

export function remembering<Value>(most: number): Remembering<Value> {
  const kept = new Map<string, Value>()
  const get = (key: string): Value | undefined => {
    const value = kept.get(key)
    if (value === undefined) return undefined
    kept.delete(key)
    kept.set(key, value)
    return value
  }
  const set = (key: string, value: Value): void => {
    kept.set(key, value)
    const oldest = kept.keys().next().value
    if (kept.size > most && oldest !== undefined) kept.delete(oldest)
  }
  const of = (key: string, make: () => Value): Value => {
    const known = get(key)
    if (known !== undefined) return known
    const made = make()
    set(key, made)
    return made
  }
  return { of, get, set }
}
