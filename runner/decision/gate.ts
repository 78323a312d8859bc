// The breakers of this process: one per model, and one for the account, which every model shares.
//
// A spend limit ends with the UTC month. What people must put right (billing, credentials, a model that is gone)
// is tried again once an hour with one probe, which is not billed while it is refused; so it ends by itself within
// an hour after a person acted, and at once with a restart.

import {
  type Admission,
  admission,
  after,
  type Breaker,
  type BreakerEvent,
  newBreaker,
  probing,
} from './breaker.ts'
import { nextMonthMs } from './calendar.ts'
import type { Outcome } from './outcome.ts'
import { impossible } from '../model/impossible.ts'
import type { Clock } from '../world/clock.ts'
import type { Log } from '../world/log.ts'

const peopleRetryMs = 3_600_000

export interface Gate {
  /** Whether a request to the model may leave; changes nothing. */
  look(model: string): Admission
  /** The same, and takes the probe if this is it. After `enter` let it in, `note` must follow. */
  enter(model: string): Admission
  note(model: string, outcome: Outcome): void
  /** The first reason why Claude cannot be asked; null: it can, as far as anyone knows. */
  shut(): { readonly why: string; readonly untilMs: number } | null
}

const account = 'the account'

export function openGate(clock: Clock, log: Log): Gate {
  const breakers = new Map<string, Breaker>()
  const breakerOf = (name: string): Breaker => breakers.get(name) ?? newBreaker
  const put = (name: string, next: Breaker): void => {
    const before = breakerOf(name)
    breakers.set(name, next)
    if (before.is === next.is || next.is === 'probing') return
    if (next.is === 'open')
      log.warn({ name, why: next.why, untilMs: next.untilMs }, 'Claude is not asked for now')
    else log.info({ name }, 'Claude is asked again')
  }
  const look = (model: string): Admission => {
    const whole = admission(breakerOf(account), clock.now())
    const own = admission(breakerOf(model), clock.now())
    return whole.is === 'shut' || own.is === 'go' ? whole : own
  }
  return {
    look,
    enter: (model) => {
      const found = look(model)
      if (found.is !== 'go' && found.is !== 'probe') return found
      for (const name of [account, model])
        if (admission(breakerOf(name), clock.now()).is === 'probe')
          put(name, probing(breakerOf(name), clock.now()))
      return found
    },
    note: (model, outcome) => {
      const { ofAccount, ofModel } = eventsOf(outcome, clock.now())
      put(account, after(breakerOf(account), ofAccount, clock.now()))
      put(model, after(breakerOf(model), ofModel, clock.now()))
    },
    shut: () => {
      for (const breaker of [breakerOf(account), ...breakers.values()]) {
        if (breaker.is === 'closed') continue
        const untilMs = breaker.is === 'open' ? breaker.untilMs : clock.now()
        return { why: breaker.why, untilMs }
      }
      return null
    },
  }
}

interface Events {
  readonly ofAccount: BreakerEvent
  readonly ofModel: BreakerEvent
}

const nothing: BreakerEvent = { is: 'nothing' }
const succeeded: BreakerEvent = { is: 'succeeded' }

function eventsOf(outcome: Outcome, nowMs: number): Events {
  if (outcome.is === 'replied') return { ofAccount: succeeded, ofModel: succeeded }
  const { why } = outcome
  const forPeople: BreakerEvent = { is: 'blocked', untilMs: nowMs + peopleRetryMs, why }
  // A request got as far as the model's own limits: then nothing is wrong with the account.
  const ofModel = (event: BreakerEvent): Events => ({ ofAccount: succeeded, ofModel: event })
  const ofAccount = (event: BreakerEvent): Events => ({ ofAccount: event, ofModel: nothing })
  switch (outcome.cause) {
    case 'overloaded':
      return ofModel({ is: 'failed', how: 'storm', why })
    case 'rate_limited':
      return ofModel({ is: 'throttled', untilMs: nowMs + (outcome.retryAfterMs ?? 0) })
    case 'no_model':
      return ofModel(forPeople)
    case 'rejected':
      return ofModel(succeeded)
    case 'spend_limit':
      return ofAccount({ is: 'blocked', untilMs: nextMonthMs(nowMs), why })
    case 'billing':
    case 'credentials':
      return ofAccount(forPeople)
    case 'cancelled':
      return { ofAccount: nothing, ofModel: nothing }
    case 'timeout':
      return { ofAccount: nothing, ofModel: { is: 'failed', how: 'storm', why } }
    case 'redirected':
    case 'unreachable':
    case 'server_error':
    case 'lost':
    case 'unreadable':
      return { ofAccount: nothing, ofModel: { is: 'failed', how: 'plain', why } }
    default:
      return impossible(outcome)
  }
}
