// Random flows for property tests: graphs of needs, nested groups, lists, retries, rounds, calls, waits and ends.

import fc from 'fast-check'
import { expression, flowOf, literal, place, uses } from './flow-of.ts'
import type { Flow, Repeat, Retry, Step, Work } from '../../runner/model/flow.ts'
import { stepPath } from '../../runner/model/id.ts'
import { impossible } from '../../runner/model/impossible.ts'

export interface Shape {
  /** `end` steps, groups with a time-out and rounds with little time make the end depend on who comes first. */
  readonly races: 'yes' | 'no'
}

const parts = ['uses', 'wait', 'call', 'event', 'approve', 'end', 'group'] as const

interface Draft {
  readonly is: (typeof parts)[number]
  readonly needs: number
  readonly when: 'none' | 'true' | 'false' | 'throws'
  readonly onError: 'fail' | 'continue'
  readonly retries: number
  readonly elements: number | null
  readonly maxParallel: number
  readonly rounds: number | null
  readonly timeoutMs: number | null
  readonly inside: readonly Draft[]
}

/** How many levels of groups. */
const depthMax = 3

export function anyFlow(shape: Shape): fc.Arbitrary<Flow> {
  return fc
    .record({ steps: drafts(shape, 0), onFailure: drafts({ races: 'no' }, depthMax - 1) })
    .map(({ steps, onFailure }) =>
      flowOf(stepsOf(steps, { prefix: '', listed: 'no' }), {
        onFailure: { steps: stepsOf(onFailure, { prefix: 'on_failure.', listed: 'no' }) },
      }),
    )
}

function drafts(shape: Shape, depth: number): fc.Arbitrary<readonly Draft[]> {
  return fc.array(draft(shape, depth), { minLength: depth === 0 ? 1 : 0, maxLength: depth === 0 ? 5 : 3 })
}

function draft(shape: Shape, depth: number): fc.Arbitrary<Draft> {
  const kinds = parts.filter(
    (part) => (part !== 'group' || depth < depthMax) && (part !== 'end' || shape.races === 'yes'),
  )
  return fc
    .record({
      is: fc.oneof(
        { weight: 4, arbitrary: fc.constant('uses' as const) },
        { weight: 6, arbitrary: fc.constantFrom(...kinds) },
      ),
      needs: fc.nat(31),
      when: often('none' as const, fc.constantFrom('true' as const, 'false' as const, 'throws' as const)),
      onError: fc.constantFrom('fail' as const, 'continue' as const),
      retries: often(0, fc.nat(2)),
      elements: often(null, fc.nat(4)),
      maxParallel: fc.integer({ min: 1, max: 3 }),
      rounds: often(null, fc.nat(3)),
      timeoutMs: shape.races === 'yes' ? often(null, fc.constantFrom(1, 5_000, 100_000)) : fc.constant(null),
    })
    .chain((rest) =>
      (rest.is === 'group' ? drafts(shape, depth + 1) : fc.constant([])).map((inside) => ({
        ...rest,
        inside,
      })),
    )
}

function often<One, Other>(usual: One, other: fc.Arbitrary<Other>): fc.Arbitrary<One | Other> {
  return fc.oneof({ weight: 3, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: other })
}

interface Where {
  readonly prefix: string
  /** Whether the steps stand in a list already: there is none in a list. */
  readonly listed: 'yes' | 'no'
}

function stepsOf(of: readonly Draft[], where: Where): Step[] {
  return of.map((draft, index) => stepOf(draft, { index, ...where }))
}

function stepOf(draft: Draft, { index, prefix, listed }: Where & { readonly index: number }): Step {
  const id = `s${index}`
  const path = `${prefix}${id}`
  const { elements, maxParallel, rounds } = draft
  const lists = elements !== null && listed === 'no'
  const items = Array.from({ length: elements ?? 0 }, (_, n) => n)
  return {
    path: stepPath(path),
    id,
    name: id,
    place,
    when: whenOf(draft.when),
    needs: Array.from({ length: index }, (_, n) => `s${n}`).filter((_, n) => (draft.needs >> n) % 2 === 1),
    each: lists ? { list: expression(() => items), as: 'item', maxParallel } : null,
    repeat: rounds === null || draft.is === 'end' ? null : repeatOf(rounds, draft.timeoutMs),
    retry: draft.retries === 0 ? null : retryOf(draft.retries),
    timeoutMs: draft.timeoutMs,
    onError: draft.onError,
    work: workOf(draft, { prefix: `${path}.`, listed: lists ? 'yes' : listed }),
  }
}

function whenOf(when: Draft['when']): Step['when'] {
  if (when === 'none') return null
  return expression(() => {
    if (when === 'throws') throw new Error('no such key')
    return when === 'true'
  })
}

/** The play adds `round` to what expressions see. */
function repeatOf(rounds: number, withinMs: number | null): Repeat {
  return {
    until: expression((scope) => Number(scope['round']) >= rounds),
    everyMs: 10,
    withinMs: withinMs ?? 1e12,
  }
}

function retryOf(times: number): Retry {
  return { times, fromMs: 10, toMs: 10, on: ['refused', 'timeout'] }
}

function workOf(draft: Draft, inside: Where): Work {
  switch (draft.is) {
    case 'uses':
      return uses('x')
    case 'wait':
      return { is: 'wait', wait: { forMs: 100 } }
    case 'call':
      return { is: 'call', flow: 'other' as never, with: {} }
    case 'event':
      return { is: 'wait', wait: { event: hook, match: null, forMs: draft.timeoutMs ?? 1e9 } }
    case 'approve':
      return { is: 'approve', show: literal('?'), approvers: null, need: null, expiresMs: null }
    case 'end':
      return { is: 'end', status: draft.needs % 2 === 0 ? 'succeeded' : 'failed', reason: null }
    case 'group':
      return { is: 'group', steps: stepsOf(draft.inside, inside) }
    default:
      return impossible(draft.is)
  }
}

const hook = {
  kind: 'webhook',
  id: 'hook',
  place,
  secret: null,
  auth: 'bearer',
  slot: null,
  body: null,
} as const
