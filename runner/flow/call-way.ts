// Whether calls lead from one flow to another.

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
