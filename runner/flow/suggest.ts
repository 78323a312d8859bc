// "Did you mean …?": the known word that is closest to a mistyped one.

/** The closest of `known` within a third of the length of `word`; null when none is close. */
export function closest(word: string, known: Iterable<string>): string | null {
  const budget = Math.max(1, Math.floor(word.length / 3))
  let best: string | null = null
  let bestDistance = budget + 1
  for (const candidate of known) {
    if (Math.abs(candidate.length - word.length) > budget) continue
    const distance = distanceBetween(word.toLowerCase(), candidate.toLowerCase())
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** A hint: the closest word, or all of them while they are few. */
export function didYouMean(word: string, known: Iterable<string>): string {
  const words = [...known]
  const near = closest(word.slice(0, wordCharactersMax), words)
  if (near !== null) return `did you mean ${near}?`
  if (words.length === 0) return 'there is nothing of this kind here'
  const shown = words.slice(0, wordsShownMax).join(', ')
  return `known here: ${shown}${words.length > wordsShownMax ? ', …' : ''}`
}

const wordsShownMax = 12
const wordCharactersMax = 100

/** Optimal string alignment: edits, and neighbours that changed places. */
function distanceBetween(one: string, other: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: other.length + 1 }, (_, column) => column)
  for (let row = 1; row <= one.length; row++) {
    const current = [row]
    for (let column = 1; column <= other.length; column++) {
      const same = one[row - 1] === other[column - 1] ? 0 : 1
      let least = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + same,
      )
      const swapped =
        row > 1 && column > 1 && one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1]
      if (swapped) least = Math.min(least, (beforeLast[column - 2] ?? 0) + 1)
      current.push(least)
    }
    beforeLast = last
    last = current
  }
  return last[other.length] ?? 0
}
