import assert from 'node:assert/strict'
import { after, test, type TestContext } from 'node:test'
import { startClaude } from '../fakes/claude/stub.ts'
import { kinds } from '../store/bring.ts'
import { asked, type Reference, references, spread } from './flows.ts'
import type { Place } from './life.ts'
import { play, type Stage } from './play.ts'
import { crashAtPoints } from './points.ts'
import { bringStore } from './store.ts'

const seed = 1
/** Of each flow on each store; `npm run crash` does them all. */
const points = 8

const ofTheFile = { after } as unknown as TestContext
const claude = await startClaude(ofTheFile)

/** The moments that matter most, each by the name of its point; the lives die there one after the other. */
const moments: readonly (readonly [Reference, readonly Place[], string])[] = [
  [asked, ['claude is asked'], 'Claude has been asked and nobody heard the answer'],
  [asked, ['before order.pay'], 'a yes is used up and nothing has left'],
  [asked, ['after order.pay'], 'the payment has happened and nobody heard of it'],
  [asked, ['before order.pay', 'after order.pay'], 'people said again, and it crashes again'],
  [spread, ['after order.place'], 'called runs are in the act side by side'],
  [spread, ['after issue.open'], 'a probe can see that it happened'],
]

for (const kind of kinds) {
  const store = await bringStore(kind, ofTheFile)
  const stage: Stage = { store, claude }

  for (const reference of references)
    test(`${kind}, ${reference.name}: crashed at ${points} points and finished, nothing is lost and nothing doubled`, async (t) => {
      t.diagnostic(`seed ${seed}`)
      const said: string[] = []
      const tally = await crashAtPoints(stage, reference, { points, seed, say: (line) => said.push(line) })
      assert.equal(tally.lost + tally.doubled, 0, said.join('\n'))
      assert.equal(tally.points, points)
    })

  for (const [reference, deaths, when] of moments)
    test(`${kind}, ${reference.name}: crashed when ${when}, the account is right`, async () => {
      const { verdict, deaths: died } = await play(stage, reference, deaths)
      assert.deepEqual([verdict.lost, verdict.doubled, died], [[], [], deaths.length])
    })

  test(`${kind}: whether something that may happen once has happened is asked after each crash anew`, async () => {
    const { verdict } = await play(stage, asked, ['before order.pay', 'before order.pay', 'after order.pay'])
    assert.equal(verdict.unknown, 3)
  })
}
