// Randomness, passed in: so that a failing case can be played again from its seed.

import { randomBytes } from 'node:crypto'

export interface Random {
  bytes(count: number): Uint8Array
  /** At least 0, below 1. */
  uniform(): number
}

export const systemRandom: Random = {
  bytes: (count) => randomBytes(count),
  uniform: () => randomBytes(4).readUInt32BE() / 2 ** 32,
}
