// The ledger on both databases: no window passes its cap, and every reservation ends once.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'

import type { Cap } from '../../runner/model/decision.ts'
import type { Database } from '../../runner/store/database.ts'
import {
  presumeReservation,
  recoverReservations,
  releaseReservation,
  type Reservation,
  reserve,
  settleReservation,
  spendSummary,
} from '../../runner/store/ledger.ts'
import { freshDatabase, type Kind, kinds } from '../store/bring.ts'

const atMs = Date.UTC(2026, 10, 22, 9)
const month = 'usd:month:2026-11'
const day = 'calls:day:2026-11-22'

interface Window {
  readonly settled: bigint
  readonly held: bigint
  readonly presumed: bigint
}

async function setup(kind: Kind, t: TestContext) {
  const database = await freshDatabase(kind, t)
  let made = 0
  const want = (changed: Partial<Reservation> = {}): Reservation => ({
    id: `reservation-${made++}`,
    decision: 'decision-1',
    run: 'run-1',
    flow: 'support-mail',
    step: 'triage',
    model: 'claude-haiku-5-5',
    rung: 'small',
    owner: 'runner-1',
    heldPicoUsd: 10n,
    caps: [usd(100n)],
    mark: 'sent',
    atMs,
    ...changed,
  })
  return { database, want }
}

const usd = (max: bigint, window = month): Cap => ({ window, unit: 'pico_usd', max })
const calls = (max: bigint): Cap => ({ window: day, unit: 'calls', max })

async function windowOf(database: Database, name: string): Promise<Window | undefined> {
  const rows = await database.query<Window>(
    'select settled, held, presumed from ledger_window where name = $1',
    [name],
  )
  return rows[0]
}

async function stateOf(database: Database, id: string): Promise<string | undefined> {
  const rows = await database.query<{ state: string }>('select state from reservation where id = $1', [id])
  return rows[0]?.state
}

for (const kind of kinds) {
  test(`${kind}: a reservation is held in each of its windows`, async (t) => {
    const { database, want } = await setup(kind, t)
    assert.deepEqual(await reserve(database, want({ caps: [usd(100n), calls(5n)] })), { is: 'reserved' })
    assert.deepEqual(await windowOf(database, month), { settled: 0n, held: 10n, presumed: 0n })
    assert.deepEqual(await windowOf(database, day), { settled: 0n, held: 1n, presumed: 0n })
  })

  test(`${kind}: the cap itself can be reached`, async (t) => {
    const { database, want } = await setup(kind, t)
    assert.equal((await reserve(database, want({ caps: [usd(10n)] }))).is, 'reserved')
  })

  test(`${kind}: what would pass a cap is refused by the window's name, and nothing is written`, async (t) => {
    const { database, want } = await setup(kind, t)
    const caps = [usd(100n), usd(9n, 'usd:run:run-1')]
    const one = want({ caps })
    assert.deepEqual(await reserve(database, one), { is: 'full', window: 'usd:run:run-1' })
    assert.equal((await windowOf(database, month))?.held ?? 0n, 0n)
    assert.equal(await stateOf(database, one.id), undefined)
  })

  test(`${kind}: settled, held and presumed together count against the cap`, async (t) => {
    const { database, want } = await setup(kind, t)
    const [settled, presumed, held] = [want(), want(), want()]
    for (const one of [settled, presumed, held]) await reserve(database, one)
    await settleReservation(database, settled.id, { picoUsd: 10n, usage: {}, atMs })
    await presumeReservation(database, presumed.id, { usage: null, atMs })
    assert.equal((await reserve(database, want({ caps: [usd(39n)] }))).is, 'full')
    assert.equal((await reserve(database, want({ caps: [usd(40n)] }))).is, 'reserved')
  })

  test(`${kind}: of two caps on one window the lower one holds`, async (t) => {
    const { database, want } = await setup(kind, t)
    assert.equal((await reserve(database, want({ caps: [usd(100n), usd(9n)] }))).is, 'full')
    assert.equal((await reserve(database, want({ caps: [usd(9n), usd(100n)] }))).is, 'full')
  })

  test(`${kind}: month and day are counted although nothing caps them`, async (t) => {
    const { database, want } = await setup(kind, t)
    const [one, two] = [want({ caps: [] }), want({ caps: [] })]
    for (const each of [one, two]) await reserve(database, each)
    await settleReservation(database, one.id, { picoUsd: 4n, usage: {}, atMs })
    await presumeReservation(database, two.id, { usage: null, atMs })
    assert.deepEqual(await spendSummary(database, atMs), {
      monthSettled: 4n,
      monthHeld: 0n,
      monthPresumed: 10n,
      callsToday: 2,
    })
  })

  test(`${kind}: settling moves what was held to what it really cost`, async (t) => {
    const { database, want } = await setup(kind, t)
    const one = want({ caps: [usd(100n), calls(5n)] })
    await reserve(database, one)
    assert.equal(
      await settleReservation(database, one.id, { picoUsd: 3n, usage: { input_tokens: 1 }, atMs }),
      true,
    )
    assert.deepEqual(await windowOf(database, month), { settled: 3n, held: 0n, presumed: 0n })
    assert.deepEqual(await windowOf(database, day), { settled: 1n, held: 0n, presumed: 0n })
  })

  test(`${kind}: a released reservation counts nowhere`, async (t) => {
    const { database, want } = await setup(kind, t)
    const one = want()
    await reserve(database, one)
    await releaseReservation(database, one.id, atMs)
    assert.deepEqual(await windowOf(database, month), { settled: 0n, held: 0n, presumed: 0n })
    assert.equal(await stateOf(database, one.id), 'released')
  })

  test(`${kind}: a reservation is settled once, however often it is asked for`, async (t) => {
    const { database, want } = await setup(kind, t)
    const one = want()
    await reserve(database, one)
    const attempts = Array.from({ length: 8 }, () =>
      settleReservation(database, one.id, { picoUsd: 3n, usage: {}, atMs }),
    )
    assert.equal((await Promise.all(attempts)).filter(Boolean).length, 1)
    assert.deepEqual(await windowOf(database, month), { settled: 3n, held: 0n, presumed: 0n })
  })

  test(`${kind}: a presumption is never released, but a late answer settles it`, async (t) => {
    const { database, want } = await setup(kind, t)
    const one = want()
    await reserve(database, one)
    await presumeReservation(database, one.id, { usage: null, atMs })
    assert.equal(await releaseReservation(database, one.id, atMs), false)
    assert.equal(await settleReservation(database, one.id, { picoUsd: 2n, usage: {}, atMs }), true)
    assert.deepEqual(await windowOf(database, month), { settled: 2n, held: 0n, presumed: 0n })
  })

  test(`${kind}: after a runner died, what had left is presumed, what had not is released`, async (t) => {
    const { database, want } = await setup(kind, t)
    const [sent, held, ours] = [want(), want({ mark: 'held' }), want({ owner: 'runner-2' })]
    for (const one of [sent, held, ours]) await reserve(database, one)
    assert.deepEqual(await recoverReservations(database, ['runner-1'], atMs), { released: 1, presumed: 1 })
    assert.deepEqual(await Promise.all([sent, held, ours].map((one) => stateOf(database, one.id))), [
      'presumed',
      'released',
      'sent',
    ])
    assert.deepEqual(await windowOf(database, month), { settled: 0n, held: 10n, presumed: 10n })
  })

  test(`${kind}: recovering twice changes nothing more`, async (t) => {
    const { database, want } = await setup(kind, t)
    await reserve(database, want())
    await recoverReservations(database, ['runner-1'], atMs)
    assert.deepEqual(await recoverReservations(database, ['runner-1'], atMs), { released: 0, presumed: 0 })
  })

  test(`${kind}: however many reserve at once, the cap is reached and not passed`, async (t) => {
    const { database, want } = await setup(kind, t)
    const caps = [usd(250n), usd(1_000n, 'usd:flow:support-mail:2026-11-22'), calls(1_000n)]
    const all = Array.from({ length: 120 }, () => reserve(database, want({ caps })))
    const reserved = (await Promise.all(all)).filter((one) => one.is === 'reserved')
    assert.equal(reserved.length, 25)
    assert.deepEqual(await windowOf(database, month), { settled: 0n, held: 250n, presumed: 0n })
  })

  test(`${kind}: reserving and ending at once on windows in any order neither deadlocks nor loses count`, async (t) => {
    const { database, want } = await setup(kind, t)
    const windows = ['usd:run:a', 'usd:run:b', 'usd:run:c', 'usd:run:d']
    const work = Array.from({ length: 60 }, async (_, index) => {
      const from = index % windows.length
      const caps = [...windows.slice(from), ...windows.slice(0, from)]
        .slice(0, 3)
        .map((name) => usd(10_000n, name))
      const one = want({ caps })
      await reserve(database, one)
      if (index % 3 === 0) await settleReservation(database, one.id, { picoUsd: 1n, usage: {}, atMs })
      if (index % 3 === 1) await releaseReservation(database, one.id, atMs)
      if (index % 3 === 2) await presumeReservation(database, one.id, { usage: null, atMs })
    })
    await Promise.all(work)
    assert.deepEqual(await windowOf(database, month), { settled: 20n, held: 0n, presumed: 200n })
  })
}
