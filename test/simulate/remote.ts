// The outside of a simulated month: it fails in every way, and its record says what happened.

import { spyAction } from '../run/actions.ts'
import type { Seed } from '../crash/seed.ts'
import type { Action, ActionContext, Probed, Repetition } from '../../runner/model/action.ts'
import { Failure } from '../../runner/model/error.ts'
import type { Json } from '../../runner/model/json.ts'
import type { Risk } from '../../runner/model/risk.ts'
import type { EffectContext } from '../../runner/run/engine.ts'

export interface Remote {
  readonly actions: readonly Action[]
  /** An effect is about to be called: whose it is. */
  introduce(effect: Pick<EffectContext, 'run' | 'step' | 'key'>): void
  /** Runs that meant to do something and are not forgotten. */
  runs(): readonly string[]
  /** What was meant to happen for a run. */
  record(run: string): readonly Happened[]
  /** Nobody asks about this run any more. */
  forget(run: string): void
  /** From here on everything goes well. */
  calm(): void
}

export interface Happened {
  /** With its element: `do#2`. */
  readonly step: string
  readonly key: string
  times: number
}

/** @param die ends the life that is in the act: it happened, and nobody heard of it */
export function createRemote(seed: Seed, die: () => void): Remote {
  const effects = new Map<string, Happened>()
  const byRun = new Map<string, Happened[]>()
  let calmed = false
  let calls = 0

  async function take(repetition: Repetition, { key, signal }: ActionContext): Promise<Json> {
    await new Promise((resolve) => setImmediate(resolve))
    const effect = effects.get(key)
    const happen = (): void => {
      // Only what is keyed is deduplicated there.
      if (effect !== undefined && (repetition !== 'keyed' || effect.times === 0)) effect.times += 1
    }
    calls += 1
    const fate = calmed ? 100 : seed.upTo(100)
    if (fate <= 3) throw new Failure('unavailable', 'the remote is away', { effect: 'none' })
    if (fate <= 6) throw new Failure('rate_limited', 'slowly', { retryAfterMs: seed.upTo(120_000) })
    if (fate <= 7) throw 'something that is no error'
    if (fate <= 9) return stopped(signal)
    if (fate <= 10) return new Promise(() => {})
    happen()
    if (!calmed && seed.upTo(repetition === 'once' ? 20 : 400) === 1) die()
    if (fate <= 12) throw new Failure('timeout', 'no answer came')
    if (fate <= 13) return stopped(signal)
    return { n: calls }
  }

  function action(name: string, repetition: Repetition, more: Told = {}): Action {
    return {
      ...spyAction(name, { repetition, ...more }),
      run: (_input, context) => take(repetition, context),
    }
  }

  const found = async (key: string): Promise<Probed> =>
    (effects.get(key)?.times ?? 0) > 0 ? { happened: true, output: { found: 1 } } : { happened: false }

  return {
    actions: [
      action('read', 'read'),
      action('keyed', 'keyed'),
      { ...action('once', 'once'), probe: (_input, context) => found(context.key) },
      action('blind', 'once'),
      action('risky', 'keyed', { risk: 'high' }),
    ],
    introduce: ({ run, step, key }) => {
      if (effects.has(key)) return
      const effect = { step, key, times: 0 }
      effects.set(key, effect)
      byRun.set(run, [...(byRun.get(run) ?? []), effect])
    },
    runs: () => [...byRun.keys()],
    record: (run) => byRun.get(run) ?? [],
    forget: (run) => {
      for (const { key } of byRun.get(run) ?? []) effects.delete(key)
      byRun.delete(run)
    },
    calm: () => {
      calmed = true
    },
  }
}

interface Told {
  readonly risk?: Risk
}

/** Lasts until it is told to stop. */
function stopped(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const stop = (): void => reject(signal.reason as Error)
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
  })
}
