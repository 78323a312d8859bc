// What a retry of an ended run begins again: which steps, and which effects may happen a second time by it.

import type { Flow, Step } from './flow.ts'
import type { Fact } from './journal.ts'
import type { JsonObject } from './json.ts'
import type { Risk } from './risk.ts'
import type { Invocation, RunState } from './run.ts'

/** Something that was done, or may have been, and would be done anew. */
export interface PastEffect {
  readonly step: string
  readonly element: number | null
  /** The action, or `call` for a run of another flow. */
  readonly uses: string
  readonly input: JsonObject
  readonly risk: Risk
  /** `unknown`: nobody could say whether it took effect. */
  readonly outcome: 'done' | 'unknown'
}

/** Effects by invocation, from the facts of a journal in order; changed only by `seeEffect`. */
export type PastEffects = Map<string, PastEffect>

/**
 * The steps that begin again: `from`, whatever else keeps the run from going on (failed, or stopped when the run
 * ended), and all that needs one of these. Without `from` only the latter; steps that were not begun go on anyway.
 */
export function stepsToRepeat(flow: Flow, state: RunState, from: string | null): readonly string[] {
  const chosen = new Set<string>(from === null ? [] : [from])
  const top = new Map<string, Step>(flow.steps.map((step) => [step.path, step]))
  for (const [key, invocation] of state.invocations) {
    const [path = ''] = key.split('#')
    const step = top.get(path.split('.')[0] ?? '')
    if (step !== undefined && stands(step, invocation, path === step.path ? 'itself' : 'inside'))
      chosen.add(step.path)
  }
  // A step comes after all that it needs.
  for (const step of flow.steps) if (step.needs.some((id) => chosen.has(id))) chosen.add(step.path)
  return flow.steps.map(({ path }) => path).filter((path) => chosen.has(path))
}

/** Whether it stands in the way: what had failed, was stopped, or waits for what the end of the run has withdrawn. */
function stands(step: Step, { phase }: Readonly<Invocation>, where: 'itself' | 'inside'): boolean {
  if (phase.is === 'asked' || phase.is === 'answered' || phase.is === 'called') return true
  if (phase.is !== 'ended') return false
  if (step.work.is === 'end') return true
  if (phase.error?.kind === 'cancelled') return true
  const bad = phase.status === 'failed' || phase.status === 'denied'
  return bad && where === 'itself' && step.onError === 'fail'
}

/** Takes one fact into account. */
export function seeEffect(effects: PastEffects, fact: Fact): void {
  if (!('at' in fact)) return
  const { step, element } = fact.at
  const key = `${step}#${element}`
  const known = effects.get(key)
  if (fact.is === 'intended') {
    const { uses, input } = fact.action
    effects.set(key, { step, element, uses, input, risk: fact.risk, outcome: 'unknown' })
  } else if (fact.is === 'called')
    effects.set(key, { step, element, uses: 'call', input: { run: fact.run }, risk: 'low', outcome: 'done' })
  else if (fact.is === 'succeeded' && known !== undefined) effects.set(key, { ...known, outcome: 'done' })
  else if (fact.is === 'failed' && known?.outcome === 'unknown' && surelyNothing.has(fact.error.kind))
    effects.delete(key)
}

/** The other side said no, or nothing was sent. */
const surelyNothing: ReadonlySet<string> = new Set(['refused', 'rate_limited', 'denied', 'budget', 'invalid'])

/** Effects of these steps and of what is inside them. */
export function effectsOf(effects: PastEffects, steps: readonly string[]): readonly PastEffect[] {
  return [...effects.values()].filter((effect) =>
    steps.some((step) => effect.step === step || effect.step.startsWith(`${step}.`)),
  )
}
