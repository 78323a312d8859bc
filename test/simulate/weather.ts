// The store in bad weather, as one life of the engine sees it: statements fail before or after they were carried out,
// and the life may end at any of them.

import type { Seed } from '../crash/seed.ts'
import {
  type Database,
  DatabaseError,
  type DatabaseErrorKind,
  type Statements,
} from '../../runner/store/database.ts'

export interface Weather {
  readonly seed: Seed
  /** Statements until the next failures, and how many fail in a row then; `Infinity`: fair. */
  untilStorm: number
  stormLeft: number
  /** Statements until this life ends. */
  untilDeath: number
  /** Statements in flight, so that whoever waits knows when all is quiet. */
  flying: number
  /** Statements so far. */
  passed: number
}

export interface Mortal {
  readonly database: Database
  readonly dead: () => boolean
  end(): void
}

const kinds: readonly (readonly [DatabaseErrorKind, string])[] = [
  ['connection', '08006'],
  ['serialization', '40001'],
  ['read_only', '25006'],
  // The disk is full.
  ['resource', '53100'],
]

class Dead extends Error {}

/** @param onDeath called when the life ends at one of its statements */
export function mortal(real: Database, weather: Weather, onDeath: () => void): Mortal {
  let dead = false
  const end = (): void => {
    if (dead) return
    dead = true
    onDeath()
  }

  /** For the dead nothing ever comes back; inside a transaction they must let go, so that it is rolled back. */
  const gone = (where: Where): Promise<never> =>
    where === 'transaction' ? Promise.reject(new Dead('this life has ended')) : new Promise(() => {})

  function statements(on: Statements, where: Where): Statements {
    return {
      query: async (sql, parameters) => {
        if (dead) return gone(where)
        const failure = strike(weather)
        if (weather.untilDeath <= 0) end()
        if (dead && failure !== 'after') return gone(where)
        if (failure === 'before') throw failureOf(weather.seed)
        weather.flying += 1
        try {
          const rows = await on.query<never>(sql, parameters)
          if (dead) return gone(where)
          if (failure === 'after') throw failureOf(weather.seed)
          return rows
        } finally {
          weather.flying -= 1
        }
      },
    }
  }

  const transaction: Database['transaction'] = async (work) => {
    if (dead) return gone('alone')
    weather.flying += 1
    try {
      return await real.transaction((tx) => work({ inTransaction: true, ...statements(tx, 'transaction') }))
    } catch (error) {
      if (dead) return gone('alone')
      throw error
    } finally {
      weather.flying -= 1
    }
  }

  const plain = statements(real, 'alone')
  const database = { ...real, ...plain, writer: statements(real.writer, 'alone'), transaction }
  return { database, dead: () => dead, end }
}

type Where = 'alone' | 'transaction'

/** Whether this statement fails: before it was carried out, or after, so that nobody heard of it. */
function strike(weather: Weather): 'no' | 'before' | 'after' {
  weather.passed += 1
  weather.untilDeath -= 1
  weather.untilStorm -= 1
  if (weather.untilStorm > 0) return 'no'
  if (weather.stormLeft <= 0) {
    weather.untilStorm = weather.seed.upTo(stormEvery * 2)
    weather.stormLeft = weather.seed.upTo(stormMax)
  }
  weather.stormLeft -= 1
  if (weather.stormLeft > 0) weather.untilStorm = 0
  return weather.seed.upTo(3) === 1 ? 'after' : 'before'
}

/** Statements between two storms, on the average, and how many a storm lasts at most. */
const stormEvery = 1_500
const stormMax = 6

function failureOf(seed: Seed): DatabaseError {
  const [kind, code] = kinds[seed.upTo(kinds.length) - 1] ?? ['connection', '08006']
  return new DatabaseError({ kind, code }, new Error('bad weather'))
}
