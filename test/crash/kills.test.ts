import assert from 'node:assert/strict'
import { test } from 'node:test'
import { kinds } from '../store/bring.ts'
import { killAtRandom } from './kills.ts'

const seed = 1
/** Of each store. */
const kills = 30

for (const kind of kinds)
  test(`${kind}: after ${kills} times kill -9 every accepted run has ended, every effect is there once or was asked about`, async (t) => {
    t.diagnostic(`seed ${seed}`)
    const said: string[] = []
    const tally = await killAtRandom(t, { kind, kills, seed, say: (line) => said.push(line) })
    assert.deepEqual([tally.lost, tally.doubled], [0, 0], said.join('\n'))
  })
