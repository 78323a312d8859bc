// `npm run crash`: crashes at every point, real kills and takeovers, judged by what reached the outside. The last line
// is JSON.

import { parseArgs } from 'node:util'
import { startClaude } from '../fakes/claude/stub.ts'
import { type Kind, kinds } from '../store/bring.ts'
import { references } from './flows.ts'
import { killAtRandom } from './kills.ts'
import { crashAtPoints } from './points.ts'
import { staged } from './stage.ts'
import { bringStore } from './store.ts'
import { killHolder, pausePastLease } from './takeover.ts'
import { add, newTally, type Tally } from './tally.ts'

const help = `Crashes Watchbill and judges by fakes of the outside what became of every run and every effect.

  --points=all|N   crash at every numbered point of the reference flows, or at N of each flow (all)
  --kills=N        kill -9 of real runners at random moments, shared between the stores (60)
  --takeovers      also measure how soon another runner goes on
  --store=pglite|postgres|both   (both)
  --seed=N         repeats what was chosen at random; each run prints its own
  --json           only the last line

Example:
  npm run crash -- --seed=7 --points=20 --kills=4 --store=postgres
`

interface Wanted {
  readonly points: number | 'all'
  readonly kills: number
  readonly takeovers: boolean
  readonly stores: readonly Kind[]
  readonly seed: number
  readonly say: (line: string) => void
}

const seedMax = 1_000_000
const killsDefault = 60

function wantedOf(args: readonly string[]): Wanted | null {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean' } as const
  const options = {
    points: text,
    kills: text,
    store: text,
    seed: text,
    takeovers: flag,
    json: flag,
    help: flag,
  }
  const { values } = parseArgs({ args: [...args], options, strict: true })
  if (values.help === true) return null
  const store = values.store ?? 'both'
  const stores = kinds.filter((kind) => store === 'both' || store === kind)
  if (stores.length === 0) throw new Error(`--store is pglite, postgres or both, not ${store}`)
  return {
    points: values.points === undefined || values.points === 'all' ? 'all' : whole('points', values.points),
    kills: whole('kills', values.kills ?? String(killsDefault)),
    takeovers: values.takeovers === true,
    stores,
    seed: values.seed === undefined ? Math.ceil(Math.random() * seedMax) : whole('seed', values.seed),
    say: values.json === true ? () => {} : (line) => console.log(line),
  }
}

function whole(name: string, text: string): number {
  if (!/^\d{1,7}$/.test(text)) throw new Error(`--${name} is a whole number, not ${text}`)
  return Number(text)
}

async function crash(wanted: Wanted): Promise<Tally> {
  const tally = newTally()
  for (const [at, kind] of wanted.stores.entries()) {
    if (wanted.points !== 0) add(tally, await points(wanted, kind))
    const kills = Math.floor((wanted.kills + at) / wanted.stores.length)
    if (kills > 0) add(tally, await staged((t) => killAtRandom(t, { ...wanted, kind, kills })))
    if (wanted.takeovers) add(tally, await takeovers(wanted, kind))
  }
  return tally
}

async function points(wanted: Wanted, kind: Kind): Promise<Tally> {
  const tally = newTally()
  await staged(async (t) => {
    const stage = { store: await bringStore(kind, t), claude: await startClaude(t) }
    for (const reference of references) add(tally, await crashAtPoints(stage, reference, wanted))
  })
  return tally
}

async function takeovers({ say }: Wanted, kind: Kind): Promise<Tally> {
  const tally = newTally()
  add(tally, (await staged((t) => killHolder(t, { kind, heir: 'is started' }, say))).tally)
  if (kind === 'pglite') return tally
  add(tally, (await staged((t) => killHolder(t, { kind, heir: 'lives already' }, say))).tally)
  const paused = await staged((t) => pausePastLease(t, say))
  add(tally, paused.tally)
  tally.doubled += paused.lateRows
  return tally
}

try {
  const wanted = wantedOf(process.argv.slice(2))
  if (wanted === null) console.log(help)
  else {
    wanted.say(`seed ${wanted.seed}`)
    const tally = await crash(wanted)
    console.log(JSON.stringify({ ...tally, seed: wanted.seed }))
    process.exitCode = tally.lost + tally.doubled > 0 ? 1 : 0
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  console.error('`npm run crash -- --help` shows what can be asked')
  process.exitCode = 2
}
// The keeper of the test server is still connected.
process.exit()
