// Real `kill -9` of real runners at random moments, many runs under way; the remote says what really happened.

import { setTimeout as sleep } from 'node:timers/promises'
import type { TestContext } from 'node:test'
import { accountOf, type Account } from './account.ts'
import { seedOf } from './seed.ts'
import { aSite, type Site } from './site.ts'
import type { Tally } from './tally.ts'
import type { RunnerProcess } from '../scenario/a-process.ts'
import type { Kind } from '../store/bring.ts'

export interface Killing {
  readonly kind: Kind
  readonly kills: number
  readonly seed: number
  readonly say: (line: string) => void
}

/** New runs that each life is given. */
const burst = 24
const remoteMs = 15
/** So long at most a life lasts after its first request. */
const lifeMsMax = 400
const idleMsMax = 3_000
/** One in so many kills comes while the runner starts. */
const stillbornOneIn = 4
const startMsMax = 1_000
const sayEvery = 10

export async function killAtRandom(t: TestContext, killing: Killing): Promise<Tally> {
  const { kind, kills, say } = killing
  const seed = seedOf(killing.seed)
  const site = await aSite(t, { kind, delayMs: remoteMs })
  const account = accountOf(site)
  for (let kill = 1; kill <= kills; kill++) {
    if (seed.upTo(stillbornOneIn) === 1) await site.stillborn(seed.upTo(startMsMax))
    else await oneLife(site, account, seed.upTo(lifeMsMax))
    if (kill % sayEvery === 0) say(`${kind}: ${kill} kills, ${account.accepted} runs accepted`)
  }
  const last = await site.start()
  await account.deliver(last, 0)
  const tally = await account.close(last, say)
  await last.stop()
  say(
    `${kind}: ${kills} kills, ${account.accepted} runs, ${site.remote.requests.length} requests, seed ${killing.seed}`,
  )
  return { ...tally, kills }
}

/** Runs are being accepted, carried on and answered when it ends. */
async function oneLife(site: Site, account: Account, lifeMs: number): Promise<void> {
  const runner: RunnerProcess = await site.start()
  const working = Promise.race([site.remote.next(), sleep(idleMsMax)])
  const delivering = account.deliver(runner, burst)
  // The page is read and people answer while it works; the kill may cut that off too.
  const looking = account.look(runner).catch(() => {})
  await working
  await sleep(lifeMs)
  await runner.crash()
  await Promise.all([delivering, looking])
}
