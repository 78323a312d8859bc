// Randomness, passed in: so that a failing case can be played again from its seed.

import { randomFillSync } from 'node:crypto'

export interface Random {
  bytes(count: number): Uint8Array
  /** At least 0, below 1. */
  uniform(): number
}

/** Drawn in stock, because each draw from the system costs as much as a thousand bytes. */
const stock = new Uint8Array(4_096)
let used = stock.length

function draw(count: number): Uint8Array {
  if (count > stock.length) return randomFillSync(new Uint8Array(count))
  if (used + count > stock.length) {
    randomFillSync(stock)
    used = 0
  }
  const drawn = stock.slice(used, used + count)
  // What was given out is nowhere else.
  stock.fill(0, used, used + count)
  used += count
  return drawn
}

export const systemRandom: Random = {
  bytes: draw,
  uniform: () => Buffer.from(draw(4)).readUInt32BE() / 2 ** 32,
}
