// The flows of a simulated month: every word of the language that takes time, fails, asks or acts.

import type { Line, Shape } from './calendar.ts'
import {
  expression,
  flowOf,
  group,
  inOrder,
  literal,
  place,
  reads,
  result,
  step,
  uses,
} from '../run/flow-of.ts'
import type { DecideWork, Flow, Limits, Retry, ScheduleTrigger, Step, Work } from '../../runner/model/flow.ts'
import { flowName } from '../../runner/model/id.ts'

const minuteMs = 60_000

/** The flows of these lines, and the one that others call. */
export function flowsOf(lines: readonly Line[]): Flow[] {
  const called = flowOf([act('work', 'keyed')], { name: flowName('called'), version: 'v-called' })
  return [...lines.map(flowFor), called]
}

function flowFor(line: Line): Flow {
  return flowOf(inOrder(steps[line.shape]()), {
    name: flowName(line.name),
    version: `v-${line.name}`,
    triggers: [triggerOf(line)],
    limits: line.shape === 'queue' ? { ...limits, concurrency: oneAtATime } : limits,
  })
}

const limits: Limits = {
  concurrency: null,
  rate: null,
  timeoutMs: 30 * minuteMs,
  budget: { perRunUsd: 1, perDayUsd: 5 },
}
const oneAtATime: Limits['concurrency'] = { key: null, max: 1, whenFull: 'queue', whileWaiting: 'hold' }

/** Every slot is made up for, so that the calendar alone says how many runs there are. */
function triggerOf({ rhythm, timezone, shape }: Line): ScheduleTrigger {
  return {
    id: 'tick',
    place,
    kind: 'schedule',
    rhythm,
    timezone,
    missed: { run: 'all', withinMs: null, max: 500 },
    overlap: shape === 'queue' ? 'queue' : 'allow',
    whileWaiting: 'hold',
  }
}

const retry: Retry = {
  times: 4,
  fromMs: 2_000,
  toMs: minuteMs,
  on: ['timeout', 'unavailable', 'rate_limited', 'invalid'],
}

function act(id: string, name: string, more: Partial<Step> = {}): Step {
  return step(id, uses(name), { retry, timeoutMs: minuteMs, ...more })
}

const wait: Work = { is: 'wait', wait: { forMs: 10 * minuteMs } }
const approve: Work = {
  is: 'approve',
  show: literal('shall it go?'),
  approvers: null,
  need: null,
  expiresMs: null,
}
const call: Work = { is: 'call', flow: flowName('called'), with: {} }

const steps: Readonly<Record<Shape, () => Step[]>> = {
  keyed: () => [act('look', 'read'), act('do', 'keyed')],
  once: () => [act('do', 'once'), act('tell', 'keyed')],
  blind: () => [act('do', 'blind')],
  list: () => {
    const items = expression(() => [1, 2, 3])
    const each: Step['each'] = { list: items, as: 'item', maxParallel: 2 }
    return [act('do', 'keyed', { each, onError: 'continue' }), act('tell', 'keyed')]
  },
  wait: () => [act('do', 'keyed'), step('pause', wait), act('tell', 'once')],
  call: () => [step('other', call, { retry: { ...retry, on: ['unavailable'] } }), act('tell', 'keyed')],
  approve: () => [
    step('ask', approve, { onError: 'continue' }),
    act('do', 'keyed', { when: expression((scope) => result(scope, 'ask', 'status') === 'succeeded') }),
  ],
  risky: () => [act('do', 'risky')],
  decide: () => [step('choose', question), act('tell', 'keyed')],
  group: () => [
    group('both', [act('left', 'keyed', { retry: null }), act('right', 'keyed', { retry: null })], {
      retry,
      timeoutMs: 5 * minuteMs,
    }),
  ],
  repeat: () => {
    const until = expression((scope) => Number(result(scope, 'do', 'output', 'n')) % 3 === 0)
    return [act('do', 'keyed', { repeat: { until, everyMs: minuteMs, withinMs: 60 * minuteMs } })]
  },
  queue: () => [act('do', 'keyed'), step('pause', wait), act('tell', 'keyed')],
}

const question: DecideWork = {
  is: 'decide',
  prompt: { path: 'prompts/triage.md', text: 'Answer what the FAQ answers.' },
  given: { mail: reads(() => 'When do you open?') },
  choices: [
    { name: 'skip', means: 'Nothing is to be done.', uses: null, with: {}, ask: {} },
    { name: 'run', means: 'It should be run.', uses: 'keyed', with: {}, ask: {} },
  ],
  ask: {},
  rules: [{ when: expression(() => true), choose: 'skip', only: 'outage' }],
  risk: [],
  onOutage: ['rules'],
}
