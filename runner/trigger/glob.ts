// Paths of a `git` trigger: `*` is anything but a slash, `?` one character of that, `**` any folders.

/** Whether a path fits a pattern, both with slashes between names. Names that begin with a dot are like all others. */
export function fitsGlob(path: string, pattern: string): boolean {
  return fits(path.split('/'), pattern.replace(/\/$/, '/**').split('/'))
}

/** Goes through the pattern once and keeps every position of the path it can have reached: no pattern takes long. */
function fits(names: readonly string[], parts: readonly string[]): boolean {
  let reached = new Set([0])
  for (const part of parts) {
    const next = new Set<number>()
    if (part === '**') for (let at = Math.min(...reached); at <= names.length; at++) next.add(at)
    else for (const at of reached) if (fitsName(names[at], part)) next.add(at + 1)
    if (next.size === 0) return false
    reached = next
  }
  return reached.has(names.length)
}

/** One name against one part, remembering only the last star: as long as both together at worst times each other. */
function fitsName(name: string | undefined, part: string): boolean {
  if (name === undefined) return false
  let at = 0
  let star = -1
  let retryAt = 0
  let i = 0
  while (at < name.length) {
    if (i < part.length && part[i] === '*') {
      star = i++
      retryAt = at
    } else if (i < part.length && (part[i] === '?' || part[i] === name[at])) {
      i++
      at++
    } else if (star >= 0) {
      i = star + 1
      at = ++retryAt
    } else return false
  }
  while (part[i] === '*') i++
  return i === part.length
}
