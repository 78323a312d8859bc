// The fold: one fact after the other taken into the state of a run.

import type { RecordedError } from './error.ts'
import { impossible } from './impossible.ts'
import type { At, Fact } from './journal.ts'
import { endElement, listReadMax, newList } from './list.ts'
import { type Ended, type FactOf, type Invocation, isFinal, keyOf, type RunState, untouched } from './run.ts'

/** Takes one fact into the state. The order of facts of different invocations does not matter. */
export function fold(state: RunState, fact: Fact): void {
  switch (fact.is) {
    case 'cancel_requested':
      state.cancelBy ??= fact.by
      return
    case 'failing':
      state.failing ??= { step: fact.step, error: fact.error }
      return
    case 'ending':
      state.ending ??= { status: fact.status, step: fact.at.step, reason: fact.reason }
      foldInvocation(touch(state, fact.at), fact)
      return
    case 'listed':
      // An empty list too belongs to its group, so that a new round of it makes another.
      enlist(state, fact.at.step)
      state.lists.set(fact.at.step, newList(fact.items))
      return
    case 'retried':
      retry(state, fact)
      return
    default:
      foldAt(state, fact)
  }
}

type InvocationFact = Exclude<Fact, { is: 'cancel_requested' | 'failing' | 'listed' | 'retried' }>

function foldAt(state: RunState, fact: InvocationFact): void {
  const { at } = fact
  if (fact.is === 'repeated') anew(state, at)
  const invocation = touch(state, at)
  foldInvocation(invocation, fact)
  const { phase } = invocation
  if (phase.is === 'again' && state.inside.has(at.step)) resetInside(state, at)
  if (phase.is !== 'ended' || !isFinal(invocation) || at.element === null) return
  const list = state.lists.get(at.step)
  if (list === undefined) return
  endElement(list, at.element, phase.status)
  if (list.items.length > listReadMax) forget(state, at)
}

function touch(state: RunState, at: At): Invocation {
  const key = keyOf(at)
  const known = state.invocations.get(key)
  if (known !== undefined) return known
  const fresh = { ...untouched }
  state.invocations.set(key, fresh)
  enlist(state, at.step)
  return fresh
}

/** The groups that a step stands in know of it. */
function enlist(state: RunState, path: string): void {
  for (let dot = path.lastIndexOf('.'); dot > 0; dot = path.lastIndexOf('.', dot - 1)) {
    const group = path.slice(0, dot)
    const inside = state.inside.get(group)
    if (inside === undefined) state.inside.set(group, new Set([path]))
    else inside.add(path)
  }
}

/** The next round of one invocation, itself without a past. */
function anew(state: RunState, at: At): void {
  const { beganMs, round, generation } = touch(state, at)
  state.invocations.set(keyOf(at), { ...untouched, beganMs, round: round + 1, generation })
}

/** Everything inside a group, or inside one element of it, runs anew. */
function resetInside(state: RunState, at: At): void {
  for (const path of state.inside.get(at.step) ?? []) {
    state.lists.delete(path)
    for (const key of keysOf(state, path, at.element)) {
      const { round, generation } = state.invocations.get(key) ?? untouched
      state.invocations.set(key, { ...untouched, round: round + 1, generation })
    }
  }
}

/** Of one element; without one, all that the step has. */
function keysOf(state: RunState, path: string, element: number | null): readonly string[] {
  if (element !== null) return [`${path}#${element}`].filter((key) => state.invocations.has(key))
  return [...state.invocations.keys()].filter((key) => key === path || key.startsWith(`${path}#`))
}

/** What people retry has no past but its number, so that its effects have new keys. */
function retry(state: RunState, { steps, generation }: FactOf<'retried'>): void {
  const covers = (path: string): boolean =>
    path.startsWith('on_failure.') || steps.some((step) => path === step || path.startsWith(`${step}.`))
  for (const [key, { round }] of state.invocations)
    if (covers(key.split('#')[0] ?? ''))
      state.invocations.set(key, { ...untouched, round: round + 1, generation })
  for (const path of state.lists.keys()) if (covers(path)) state.lists.delete(path)
  state.failing = null
  state.ending = null
  state.cancelBy = null
}

/** Of a long list only how an element ended stays in memory; the journal has the rest. */
function forget(state: RunState, at: At): void {
  for (const path of [at.step, ...(state.inside.get(at.step) ?? [])]) {
    const invocation = state.invocations.get(`${path}#${at.element}`)
    if (invocation !== undefined) bare(invocation)
  }
}

function bare(invocation: Invocation): void {
  invocation.decision = null
  invocation.intent = null
  if (invocation.phase.is === 'ended') invocation.phase = { ...invocation.phase, output: null }
}

function foldInvocation(invocation: Invocation, fact: InvocationFact): void {
  switch (fact.is) {
    case 'began':
      invocation.beganMs ??= fact.sinceMs
      return
    case 'opened':
      invocation.phase = { is: 'open', sinceMs: fact.sinceMs }
      return
    case 'repeated':
      invocation.phase = { is: 'again', atMs: fact.atMs, why: 'repeat' }
      return
    case 'settled':
      invocation.settled = true
      return
    case 'decided':
      invocation.decision = fact
      invocation.phase = { is: 'decided' }
      return
    case 'asked': {
      const { ticket, action, notBeforeMs } = fact
      invocation.asked += 1
      invocation.phase = { is: 'asked', ticket, action, notBeforeMs }
      return
    }
    case 'answered': {
      const action = invocation.phase.is === 'asked' ? invocation.phase.action : null
      invocation.phase = { is: 'answered', ticket: fact.ticket, action, verdict: fact.verdict }
      return
    }
    case 'intended':
      invocation.intent = fact
      invocation.phase = { is: 'intended', intent: fact }
      return
    case 'waiting':
      invocation.phase = { is: 'waiting', untilMs: fact.untilMs, why: fact.why }
      return
    case 'listening':
      invocation.phase = { is: 'listening', sinceMs: fact.sinceMs, untilMs: fact.untilMs }
      return
    case 'called':
      invocation.phase = { is: 'called', run: fact.run }
      return
    default:
      foldEnd(invocation, fact)
  }
}

type EndFact = FactOf<'failed' | 'succeeded' | 'waited' | 'heard' | 'skipped' | 'denied' | 'ending'>

function foldEnd(invocation: Invocation, fact: EndFact): void {
  switch (fact.is) {
    case 'failed':
      invocation.attempts = fact.attempt
      invocation.phase =
        fact.retryAtMs === null
          ? ended('failed', { error: fact.error })
          : { is: 'again', atMs: fact.retryAtMs, why: 'retry' }
      return
    case 'succeeded':
      invocation.phase = ended('succeeded', { output: fact.output, risk: fact.risk })
      return
    case 'waited':
    case 'ending':
      invocation.phase = ended('succeeded', {})
      return
    case 'heard':
      invocation.phase =
        fact.event === null ? ended('timed_out', {}) : ended('succeeded', { output: fact.event })
      return
    case 'skipped':
      invocation.phase = ended('skipped', {})
      return
    case 'denied':
      invocation.phase = ended('denied', { output: { answer: fact.answer }, error: denial(fact) })
      return
    default:
      impossible(fact)
  }
}

function ended(status: Ended['status'], rest: Partial<Omit<Ended, 'is' | 'status'>>): Ended {
  return { is: 'ended', status, output: null, error: null, risk: null, ...rest }
}

function denial(fact: FactOf<'denied'>): RecordedError {
  const message =
    fact.answer === 'no' ? `people said no: ${fact.reason}` : 'nobody answered in time; silence is a no'
  return { kind: 'denied', message }
}
