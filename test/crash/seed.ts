// Choices that a seed repeats.

export interface Seed {
  /** A whole number from 1 to `max`. */
  upTo(max: number): number
}

/** Mulberry32, by Tommy Ettinger (public domain): 32 bits of state are plenty for choosing. */
export function seedOf(seed: number): Seed {
  let state = seed >>> 0
  const draw = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  return { upTo: (max) => 1 + Math.floor(draw() * max) }
}

/** `count` different numbers from 1 to `max`, in order; all of them when there are not more. */
export function sample(seed: Seed, count: number, max: number): readonly number[] {
  const chosen = new Set<number>()
  while (chosen.size < Math.min(count, max)) chosen.add(seed.upTo(max))
  return [...chosen].toSorted((a, b) => a - b)
}
