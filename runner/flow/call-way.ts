// Where calls lead: from one flow to another, and how deep.

/** The shortest way, both ends in it; null when there is none. */
export function callWay(
  from: string,
  to: string,
  callsOf: (name: string) => readonly string[],
): readonly string[] | null {
  const cameFrom = new Map<string, string | null>([[from, null]])
  for (const name of cameFrom.keys()) {
    if (name === to) return wayTo(name, cameFrom)
    for (const next of callsOf(name)) if (!cameFrom.has(next)) cameFrom.set(next, name)
  }
  return null
}

function wayTo(name: string, cameFrom: ReadonlyMap<string, string | null>): readonly string[] {
  const way: string[] = []
  for (let at: string | null = name; at !== null; at = cameFrom.get(at) ?? null) way.unshift(at)
  return way
}

/** How many calls stand below each flow, one below the other. Absent: its calls lead into a circle. */
export function callDepths(calls: ReadonlyMap<string, readonly string[]>): ReadonlyMap<string, number> {
  const depths = new Map<string, number>()
  const callers = new Map<string, string[]>()
  const open = new Map<string, number>()
  for (const [name, all] of calls) {
    const known = all.filter((called) => calls.has(called))
    open.set(name, known.length)
    for (const called of known) callersOf(callers, called).push(name)
  }
  const ready = [...calls.keys()].filter((name) => open.get(name) === 0)
  for (const name of ready) {
    const below = (calls.get(name) ?? []).map((called) => 1 + (depths.get(called) ?? 0))
    depths.set(
      name,
      below.reduce((most, one) => Math.max(most, one), 0),
    )
    for (const caller of callers.get(name) ?? []) {
      const left = (open.get(caller) ?? 0) - 1
      open.set(caller, left)
      if (left === 0) ready.push(caller)
    }
  }
  return depths
}

function callersOf(callers: Map<string, string[]>, name: string): string[] {
  const known = callers.get(name) ?? []
  callers.set(name, known)
  return known
}
