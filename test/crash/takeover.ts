// Takeover of real runners: one is stopped past its lease, or killed, with runs in the act; another goes on with them.

import type { TestContext } from 'node:test'
import pg from 'pg'
import { eventually, type RunnerProcess } from '../scenario/a-process.ts'
import type { Kind } from '../store/bring.ts'
import { type Account, accountOf } from './account.ts'
import { aSite, type Site } from './site.ts'
import type { Tally } from './tally.ts'

type Say = (line: string) => void

const runsHeld = 8
const delayMs = 5
/** Half of the runs wait here, at a step that may be repeated under its key, half at one that may happen once. */
const keyedPath = '/keyed'
const oncePath = '/last'

interface Scene {
  readonly site: Site
  readonly account: Account
  readonly holder: RunnerProcess
}

/** A runner all of whose runs are in the act: their requests have arrived and get no answer. */
export async function holding(t: TestContext, kind: Kind): Promise<Scene> {
  const site = await aSite(t, { kind, delayMs })
  const account = accountOf(site)
  const holder = await site.start()
  site.remote.hold(keyedPath, oncePath)
  await account.deliver(holder, runsHeld)
  const inTheAct = async (): Promise<true | null> => (inTheActOf(site).length === runsHeld ? true : null)
  await eventually(inTheAct, holder.output)
  return { site, account, holder }
}

function inTheActOf({ remote }: Site): readonly string[] {
  return remote.requests
    .map((request) => request.effect)
    .filter((effect) => effect.startsWith(keyedPath) || effect.startsWith(oncePath))
}

export interface Paused {
  readonly tally: Tally
  /** Rows in the journal that the old holder wrote after the other had its runs. */
  readonly lateRows: number
}

/** SIGSTOP past the lease, takeover, SIGCONT. */
export async function pausePastLease(t: TestContext, say: Say): Promise<Paused> {
  const { site, account, holder } = await holding(t, 'postgres')
  const heir = await site.start('other')
  const store = new pg.Client({ connectionString: site.databaseUrl ?? '' })
  await store.connect()
  try {
    process.kill(holder.pid, 'SIGSTOP')
    const since = performance.now()
    await eventually(async () => ((await epochsOf(store)) === 'all raised' ? true : null), heir.output)
    say(`stopped: its runs were taken over after ${Math.round(performance.now() - since)} ms`)
    const before = await rowsOfFirstHolder(store)
    site.remote.hold()
    process.kill(holder.pid, 'SIGCONT')
    // It is awake and has been through what waited in it when a run that is given to it then has ended.
    await account.deliver(holder, 1)
    await account.settled(holder)
    const lateRows = (await rowsOfFirstHolder(store)) - before
    const tally = await account.close(heir, say)
    return { tally, lateRows }
  } finally {
    await store.end()
    process.kill(holder.pid, 'SIGCONT')
  }
}

/** Whether every run that was held has another epoch than the one it was born with. */
async function epochsOf(store: pg.Client): Promise<'all raised' | 'not yet'> {
  const { rows } = await store.query<{ n: number }>('select count(*)::int as n from run where epoch > 1')
  return rows[0]?.n === runsHeld ? 'all raised' : 'not yet'
}

/** Of the runs that were taken over, what was written under the epoch of their birth. */
async function rowsOfFirstHolder(store: pg.Client): Promise<number> {
  const { rows } = await store.query<{ n: number }>(
    'select count(*)::int as n from journal j join run r on r.id = j.run where r.epoch > 1 and j.epoch = 1',
  )
  return rows[0]?.n ?? 0
}

export interface Killed {
  readonly tally: Tally
  /** From the kill to the first request that a taken-over run made. */
  readonly firstStepMs: number
}

/** `kill -9` of a holder: a runner that lives beside it goes on, or the one that is started next. */
export async function killHolder(
  t: TestContext,
  { kind, heir }: { readonly kind: Kind; readonly heir: 'lives already' | 'is started' },
  say: Say,
): Promise<Killed> {
  const { site, account, holder } = await holding(t, kind)
  const living = heir === 'lives already' ? await site.start('other') : null
  const again = site.remote.next()
  const since = performance.now()
  await holder.crash()
  const starting = living ?? site.start()
  await again
  const firstStepMs = Math.round(performance.now() - since)
  site.remote.hold()
  const runner = await starting
  const tally = await account.close(runner, say)
  say(`${kind}, killed, the heir ${heir}: first step of a taken-over run after ${firstStepMs} ms`)
  return { tally, firstStepMs }
}
