// A decider over the Claude stub and a real database, with time that passes only when somebody waits.

import assert from 'node:assert/strict'
import { after, type TestContext } from 'node:test'

import { createDecider, type Decider } from '../../runner/decision/decide.ts'
import type { Decided, Question } from '../../runner/model/decision.ts'
import type { JsonObject } from '../../runner/model/json.ts'
import type { Database } from '../../runner/store/database.ts'
import { type SpendSummary, spendSummary } from '../../runner/store/ledger.ts'
import type { Clock } from '../../runner/world/clock.ts'
import { silentLog } from '../../runner/world/log.ts'
import { type Claude, startClaude } from '../fakes/claude/stub.ts'
import { freshDatabase } from '../store/bring.ts'
import { question } from './ask.ts'

export const startMs = Date.UTC(2026, 10, 22, 9)

export interface TestClock extends Clock {
  /** How long was slept, wait by wait. */
  readonly slept: readonly number[]
  pass(ms: number): void
}

/** Sleeping passes the time at once; timers go off after `patienceMs` of real time, or never. */
export function testClock(patienceMs: number | null = null): TestClock {
  const slept: number[] = []
  let nowMs = startMs
  return {
    slept,
    pass: (ms) => void (nowMs += ms),
    now: () => nowMs,
    monotonic: () => nowMs,
    sleep: async (ms) => {
      slept.push(ms)
      nowMs += ms
    },
    after: (ms, call) => {
      if (patienceMs === null) return () => {}
      const timer = setTimeout(() => {
        nowMs += ms
        call()
      }, patienceMs)
      return () => clearTimeout(timer)
    },
  }
}

export interface Setup {
  readonly decider: Decider
  readonly claude: Claude
  readonly database: Database
  readonly clock: TestClock
  /** Asks the usual question, changed as said. */
  readonly ask: (changed?: Partial<Question>, signal?: AbortSignal) => Promise<Decided>
  readonly spent: () => Promise<SpendSummary>
  /** The records of all decisions, oldest first. */
  readonly records: () => Promise<readonly JsonObject[]>
  /** States of all reservations, in the order in which they were made. */
  readonly reservations: () => Promise<readonly string[]>
}

export interface SetupOptions {
  readonly apiKey?: string | null
  readonly patienceMs?: number
  readonly redact?: (text: string) => string
  readonly baseUrl?: string
}

/** One database for the whole file, empty for each test: opening one takes longer than most tests. */
const ofTheFile = { after } as unknown as TestContext
const database = await freshDatabase('pglite', ofTheFile)

export async function setup(t: TestContext, options: SetupOptions = {}): Promise<Setup> {
  await database.query('truncate decision, decision_event, ledger_window, reservation')
  const claude = await startClaude(t)
  const clock = testClock(options.patienceMs ?? null)
  let drawn = 0
  const decider = createDecider({
    database,
    clock,
    random: {
      bytes: (count) => new Uint8Array(count).map((_, at) => (at === count - 1 ? drawn++ : 0)),
      uniform: () => 0.5,
    },
    log: silentLog,
    owner: 'runner-1',
    claude: {
      apiKey: options.apiKey === undefined ? 'key' : options.apiKey,
      baseUrl: options.baseUrl ?? claude.url,
    },
    redact: options.redact ?? ((text) => text),
  })
  const texts = async (sql: string): Promise<string[]> => {
    const rows = await database.query<{ text: string }>(sql)
    return rows.map((row) => row.text)
  }
  return {
    decider,
    claude,
    database,
    clock,
    ask: (changed = {}, signal = new AbortController().signal) => decider.decide(question(changed), signal),
    spent: () => spendSummary(database, startMs),
    records: async () => {
      const all = await texts('select record::text as text from decision order by id')
      return all.map((text) => JSON.parse(text) as JsonObject)
    },
    reservations: () => texts('select state as text from reservation order by at_ms, id'),
  }
}

/** The answer, or a failed test that says what came instead. */
export function answered(decided: Decided): Extract<Decided, { is: 'answered' }> {
  assert.ok(decided.is === 'answered', `${decided.is}: ${'why' in decided ? decided.why : ''}`)
  return decided
}
