// Crash at every point: one play for each point of a reference flow, and some in which the next life dies too.

import type { Reference } from './flows.ts'
import { type Play, play, type Stage } from './play.ts'
import { sample, type Seed, seedOf } from './seed.ts'
import { newTally, type Tally } from './tally.ts'

export interface Asked {
  readonly points: number | 'all'
  readonly seed: number
  /** Hears of every play that went wrong, and now and then of how far it is. */
  readonly say: (line: string) => void
}

/** Of the plays with one death so many are played again with a second one. */
const oneInPairs = 4
const sayEvery = 50

export async function crashAtPoints(stage: Stage, reference: Reference, asked: Asked): Promise<Tally> {
  const tally = newTally()
  const where = `${stage.store.kind} ${reference.name}`
  const whole = await play(stage, reference, [])
  count(tally, whole, { where, deaths: [], say: asked.say })
  const seed = seedOf(asked.seed)
  const points = whole.trails[0]?.length ?? 0
  for (const deaths of plansOf(asked.points, points, seed)) {
    const played = await reached(stage, reference, { deaths, seed, points: asked.points })
    tally.points += deaths.length === 1 ? played.deaths : 0
    count(tally, played, { where, deaths, say: asked.say })
    if (tally.points % sayEvery === 0 && deaths.length === 1) asked.say(`${where}: ${tally.points} points`)
  }
  asked.say(`${where}: ${tally.points} of ${points} points, seed ${asked.seed}`)
  return tally
}

const triesMax = 5

/** A play at other speed passes a few points less: of a sample, another point is taken for one that was not reached. */
async function reached(
  stage: Stage,
  reference: Reference,
  plan: { readonly deaths: readonly number[]; readonly seed: Seed; readonly points: number | 'all' },
): Promise<Play> {
  let played = await play(stage, reference, plan.deaths)
  for (let tries = 1; played.deaths === 0 && plan.points !== 'all' && tries < triesMax; tries++)
    played = await play(stage, reference, [plan.seed.upTo(plan.deaths[0] ?? 1), ...plan.deaths.slice(1)])
  return played
}

/** Each point once, then pairs: the life that comes after a crash can crash as well. */
function plansOf(wanted: number | 'all', points: number, seed: Seed): readonly number[][] {
  const one = sample(seed, wanted === 'all' ? points : wanted, points)
  const pairs = one.filter((_, n) => n % oneInPairs === 0)
  return [...one.map((point) => [point]), ...pairs.map((point) => [point, seed.upTo(points)])]
}

function count(
  tally: Tally,
  { verdict, trails }: Play,
  {
    where,
    deaths,
    say,
  }: { readonly where: string; readonly deaths: readonly number[]; readonly say: Asked['say'] },
): void {
  tally.lost += verdict.lost.length
  tally.doubled += verdict.doubled.length
  tally.unknown += verdict.unknown
  if (verdict.lost.length + verdict.doubled.length === 0) return
  const ends = trails.slice(0, deaths.length).map((trail) => trail.at(-1))
  say(`${where}, died at ${deaths.join(' and ')} (${ends.join('; ')})`)
  for (const what of verdict.lost) say(`  lost: ${what}`)
  for (const what of verdict.doubled) say(`  doubled: ${what}`)
}
