// The ledger: no reservation is made that would bring settled + held + presumed of any window above its cap.
//
// A call is reserved at its worst case before any byte leaves, and afterwards settled (its usage is known),
// released (it was not billed) or presumed (nobody knows: it counts in full until a person or a late answer says).

import { type Database, json, type Statements, type Transaction } from './database.ts'
import type { Cap } from '../model/decision.ts'
import { impossible } from '../model/impossible.ts'
import type { Json } from '../model/json.ts'
import type { PicoUsd } from '../model/money.ts'

export interface Reservation {
  readonly id: string
  readonly decision: string
  readonly run: string
  readonly flow: string
  readonly step: string
  readonly model: string
  readonly rung: string
  /** Runner that makes it; when that one dies, `recoverReservations` clears it up. */
  readonly owner: string
  readonly heldPicoUsd: PicoUsd
  readonly caps: readonly Cap[]
  /**
   * `sent`: the request leaves as soon as this is durable. One transaction for both, because nothing stands
   * between: a crash in that instant counts a call that never left, which errs on the safe side and saves a
   * commit. `held`: it leaves later (batches), and until then a crash gives it back.
   */
  readonly mark: 'held' | 'sent'
  readonly atMs: number
}

export type Reserved = { readonly is: 'reserved' } | { readonly is: 'full'; readonly window: string }

/**
 * All windows or none, durable when this resolves. However many reserve at once, no window passes its cap:
 * the rows are locked in the order of their names, then read, then raised. Calls and dollars of the month and
 * day of `atMs` are counted even where nothing caps them.
 */
export async function reserve(database: Database, reservation: Reservation): Promise<Reserved> {
  const windows = windowsOf(reservation)
  const names = windows.map((window) => window.name)
  return database.transaction(async (tx): Promise<Reserved> => {
    await tx.query(
      `insert into ledger_window (name)
       select name from unnest($1::text[]) as wanted(name) order by name collate "C"
       on conflict (name) do nothing`,
      [names],
    )
    const used = await lock(tx, names)
    const full = windows.find(
      ({ name, amount, max }) => max !== null && (used.get(name) ?? 0n) + amount > max,
    )
    if (full !== undefined) return { is: 'full', window: full.name }
    await move(tx, windows, { from: null, to: 'held', settled: null })
    await insert(tx, reservation, windows)
    return { is: 'reserved' }
  })
}

/** The usage is known. Also takes back a presumption, when the answer comes after the owner was thought dead. */
export function settleReservation(
  database: Database,
  id: string,
  settled: { readonly picoUsd: PicoUsd; readonly usage: Json; readonly atMs: number },
): Promise<boolean> {
  return change(database, id, { to: 'settled', ...settled })
}

/** It is known not to be billed: it counts nowhere any more. */
export function releaseReservation(database: Database, id: string, atMs: number): Promise<boolean> {
  return change(database, id, { to: 'released', atMs })
}

/** Nobody knows whether it is billed: it counts in full. `usage` is what came, when it made no sense. */
export function presumeReservation(
  database: Database,
  id: string,
  presumed: { readonly usage: Json; readonly atMs: number },
): Promise<boolean> {
  return change(database, id, { to: 'presumed', ...presumed })
}

/** Clears up after runners that are gone: what had not left is released, what had is presumed. */
export async function recoverReservations(
  database: Database,
  deadOwners: readonly string[],
  atMs: number,
): Promise<{ readonly released: number; readonly presumed: number }> {
  const open = await database.query<{ id: string; state: 'held' | 'sent' }>(
    `select id, state from reservation where owner = any($1) and state in ('held', 'sent') order by id`,
    [deadOwners],
  )
  let [released, presumed] = [0, 0]
  for (const { id, state } of open) {
    if (state === 'held' && (await releaseReservation(database, id, atMs))) released++
    if (state === 'sent' && (await presumeReservation(database, id, { usage: null, atMs }))) presumed++
  }
  return { released, presumed }
}

/** `usd:month:2026-11`, in UTC. */
function monthWindow(atMs: number): string {
  return `usd:month:${new Date(atMs).toISOString().slice(0, 7)}`
}

/** `calls:day:2026-11-22`, in UTC. */
function callsWindow(atMs: number): string {
  return `calls:day:${new Date(atMs).toISOString().slice(0, 10)}`
}

export interface SpendSummary {
  readonly monthSettled: PicoUsd
  readonly monthHeld: PicoUsd
  readonly monthPresumed: PicoUsd
  readonly callsToday: number
}

/** Two rows by their keys. */
export async function spendSummary(statements: Statements, nowMs: number): Promise<SpendSummary> {
  const rows = await statements.query<{ name: string; settled: bigint; held: bigint; presumed: bigint }>(
    'select name, settled, held, presumed from ledger_window where name in ($1, $2)',
    [monthWindow(nowMs), callsWindow(nowMs)],
  )
  const month = rows.find((row) => row.name === monthWindow(nowMs))
  const calls = rows.find((row) => row.name === callsWindow(nowMs))
  return {
    monthSettled: month?.settled ?? 0n,
    monthHeld: month?.held ?? 0n,
    monthPresumed: month?.presumed ?? 0n,
    callsToday: calls === undefined ? 0 : Number(calls.settled + calls.held + calls.presumed),
  }
}

// --- windows

interface Window {
  readonly name: string
  readonly unit: Cap['unit']
  readonly amount: bigint
  readonly max: bigint | null
}

/** In the order in which they are locked. Of two caps on one window the lower one holds. */
function windowsOf({ caps, heldPicoUsd, atMs }: Reservation): readonly Window[] {
  const windows = new Map<string, Window>()
  const add = (name: string, unit: Cap['unit'], max: bigint | null): void => {
    const known = windows.get(name)
    if (known !== undefined && known.unit !== unit) throw new Error(`${name} counts both calls and dollars`)
    const lowest = known?.max == null || (max !== null && max < known.max) ? max : known.max
    windows.set(name, { name, unit, amount: unit === 'calls' ? 1n : heldPicoUsd, max: lowest })
  }
  add(monthWindow(atMs), 'pico_usd', null)
  add(callsWindow(atMs), 'calls', null)
  for (const cap of caps) add(cap.window, cap.unit, cap.max)
  return [...windows.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** Locks the windows in the order of their names (so that two transactions never wait for each other). */
async function lock(tx: Transaction, names: readonly string[]): Promise<ReadonlyMap<string, bigint>> {
  const rows = await tx.query<{ name: string; used: bigint }>(
    `select name, settled + held + presumed as used from ledger_window
     where name = any($1) order by name collate "C" for update`,
    [names],
  )
  return new Map(rows.map((row) => [row.name, row.used]))
}

type Column = 'held' | 'presumed'

interface Move {
  readonly from: Column | null
  readonly to: Column | null
  /** In dollars; calls count as one. Null: nothing is settled. */
  readonly settled: PicoUsd | null
}

/** Moves the amounts of one reservation between the columns of its windows; the rows are locked. */
async function move(tx: Transaction, windows: readonly Window[], { from, to, settled }: Move): Promise<void> {
  const deltas = windows.map(({ name, unit, amount }) => {
    const delta = (column: Column): bigint => (to === column ? amount : 0n) - (from === column ? amount : 0n)
    const paid = settled === null ? 0n : unit === 'calls' ? 1n : settled
    return { name, settled: `${paid}`, held: `${delta('held')}`, presumed: `${delta('presumed')}` }
  })
  const moved = await tx.query(
    `update ledger_window w set settled = w.settled + d.settled, held = w.held + d.held,
       presumed = w.presumed + d.presumed
     from jsonb_to_recordset($1::jsonb) as d(name text, settled numeric, held numeric, presumed numeric)
     where w.name = d.name returning w.name`,
    [json(deltas)],
  )
  if (moved.length !== windows.length) throw new Error('a window of the ledger is gone')
}

// --- reservations

async function insert(tx: Transaction, one: Reservation, windows: readonly Window[]): Promise<void> {
  const kept = windows.map(({ name, unit, amount }) => ({ name, unit, amount: `${amount}` }))
  await tx.query(
    `insert into reservation (id, decision, run, flow, step, model, rung, owner, windows, state, held_pico,
       at_ms, changed_ms)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9::jsonb, $10, $11, $12, $12)`,
    [
      one.id,
      one.decision,
      one.run,
      one.flow,
      one.step,
      one.model,
      one.rung,
      one.owner,
      json(kept),
      one.mark,
      `${one.heldPicoUsd}`,
      one.atMs,
    ],
  )
}

type Change =
  | { readonly to: 'settled'; readonly picoUsd: PicoUsd; readonly usage: Json; readonly atMs: number }
  | { readonly to: 'presumed'; readonly usage: Json; readonly atMs: number }
  | { readonly to: 'released'; readonly atMs: number }

type State = 'held' | 'sent' | 'settled' | 'released' | 'presumed'

/** Each reservation ends once; false: it had ended, and nothing was changed. */
function change(database: Database, id: string, change: Change): Promise<boolean> {
  return database.transaction(async (tx) => {
    const rows = await tx.query<{
      state: State
      windows: { name: string; unit: Cap['unit']; amount: string }[]
    }>('select state, windows from reservation where id = $1 for update', [id])
    const row = rows[0]
    if (row === undefined) throw new Error(`no reservation ${id}`)
    const from = columnOf(row.state, change.to)
    if (from === null) return false
    const windows = row.windows.map(({ name, unit, amount }) => ({
      name,
      unit,
      amount: BigInt(amount),
      max: null,
    }))
    await lock(
      tx,
      windows.map((window) => window.name),
    )
    const settled = change.to === 'settled' ? change.picoUsd : null
    await move(tx, windows, { from, to: change.to === 'presumed' ? 'presumed' : null, settled })
    await tx.query(
      'update reservation set state = $2, settled_pico = $3, usage = $4::jsonb, changed_ms = $5 where id = $1',
      [
        id,
        change.to,
        settled === null ? null : `${settled}`,
        'usage' in change ? json(change.usage) : null,
        change.atMs,
      ],
    )
    return true
  })
}

/** Where a reservation's amount stands now; null: this change is not possible from its state. */
function columnOf(state: State, to: Change['to']): Column | null {
  switch (state) {
    case 'held':
    case 'sent':
      return 'held'
    case 'presumed':
      return to === 'settled' ? 'presumed' : null
    case 'settled':
    case 'released':
      return null
    default:
      return impossible(state)
  }
}
