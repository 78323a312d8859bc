// A call of another flow: it exists, does not lead back here, and its inputs fit.

import type { CallWork, Value } from '../model/flow.ts'
import { flowName } from '../model/id.ts'
import { showProblem } from '../model/problem.ts'
import { reportValue, slot, type Bench } from './bench.ts'
import { callsDeepMax, inputOf, type Called } from './callee.ts'
import { checkInput } from './check-input.ts'
import { compileValue, type Typed } from './compile-value.ts'
import type { StepDocument } from './document.ts'
import { didYouMean } from './suggest.ts'
import { trustOfValue } from './value.ts'
import type { View } from './view.ts'

export function compileCall(bench: Bench, step: StepDocument, view: View): CallWork {
  const { call = '', with: inputs = {} } = step
  const given = Object.entries(inputs).map(([name, json]): readonly [string, Typed] => [
    name,
    compileValue(bench, { at: slot(inputs, name), json }, view),
  ])
  check(bench, { step, given, called: bench.flows.called(call) })
  const values = given.map(([name, typed]): [string, Value] => [name, typed.value])
  return { is: 'call', flow: flowName(call), with: Object.fromEntries(values) }
}

interface Calling {
  readonly step: StepDocument
  readonly given: readonly (readonly [string, Typed])[]
  readonly called: Called
}

function check(bench: Bench, { step, given, called }: Calling): void {
  const at = slot(step, 'call')
  if (called.is === 'missing')
    reportValue(bench, at, {
      code: 'flow-unknown',
      message: `there is no flow ${step.call}`,
      hint: didYouMean(step.call ?? '', called.known),
    })
  if (called.is === 'circle')
    reportValue(bench, at, {
      code: 'call-cycle',
      message: `the flow calls itself: ${called.way.join(' calls ')}`,
      hint: 'a chain of calls has to end; use each or repeat for work that comes again',
    })
  if (called.is === 'deep')
    reportValue(bench, at, {
      code: 'call-depth',
      message: `below ${step.call} flows call each other, and that makes more than ${callsDeepMax} calls in a row`,
      hint: 'let one flow call the others side by side',
    })
  if (called.is !== 'there') return
  const { callee } = called
  const target = { name: `the flow ${callee.name}`, input: inputOf(callee) }
  checkInput(bench, { target, code: 'call-input', slot: at, given, asked: [] })
  const untrusted = given.flatMap(([name, { value }]) => (trustOfValue(value) === 'untrusted' ? [name] : []))
  const found = callee.fault(untrusted)
  if (found === null) return
  const { excerpt: _, ...fault } = found
  reportValue(bench, at, {
    code: 'call-input',
    message: `the flow ${callee.name} cannot be called like this: ${showProblem(fault)}`,
    hint: 'change it there, or what this step gives',
  })
}
