// A flow from its text: parse → validate → compile, every problem collected.

import { digestOf } from '../model/digest.ts'
import type { Flow, Step, Trigger, Value } from '../model/flow.ts'
import { flowName } from '../model/id.ts'
import type { Policy } from '../model/policy.ts'
import type { Problem } from '../model/problem.ts'
import type { FlowVersion } from '../model/revision.ts'
import { slot, type Bench } from './bench.ts'
import type { Flows } from './callee.ts'
import { earlyEnds } from './check-end.ts'
import { checkNames } from './check-names.ts'
import { compileLimits } from './compile-limits.ts'
import { compileSteps, type Level } from './compile-steps.ts'
import { compileTrigger } from './compile-trigger.ts'
import { compileValue } from './compile-value.ts'
import { checkInputShapes } from './check-shapes.ts'
import type { FlowDocument } from './document.ts'
import type { Asked } from './files.ts'
import { flowNames, ownStart, type Start } from './names.ts'
import type { Ordered } from './order.ts'
import { outputsType } from './outputs.ts'
import type { Parsed } from './parse.ts'
import { endView, failureView, stepView, type Sight } from './place-view.ts'
import { readFlow } from './read-flow.ts'
import type { Known } from './result.ts'
import type { Shelf } from './shelf.ts'
import type { Fields, Type } from './type.ts'
import type { View } from './view.ts'

export interface Surrounding {
  readonly shelf: Shelf
  readonly files: Asked
  readonly flows: Flows
  readonly policy: Policy | null
  /** As it stands, when absent. */
  readonly start?: Start
}

export interface FlowSource extends Surrounding {
  readonly file: string
  readonly bytes: Uint8Array
}

export interface CompiledFlow {
  /** Null when there is an error. */
  readonly version: FlowVersion | null
  /** Of its outputs, as JSON. */
  readonly outputs: Type
  readonly problems: readonly Problem[]
}

export function compileFlow({ file, bytes, ...surrounding }: FlowSource): CompiledFlow {
  const read = readFlow(file, bytes)
  return read.is === 'misfit' ? misfit(read.problems) : compileRead(read, surrounding)
}

/** What can be told of a file that is not even a flow. */
export function misfit(problems: readonly Problem[]): CompiledFlow {
  return { version: null, outputs: outputsType([]), problems }
}

export interface ReadDocument {
  readonly parsed: Parsed
  readonly document: FlowDocument
}

export function compileRead({ parsed, document }: ReadDocument, surrounding: Surrounding): CompiledFlow {
  const { shelf, files, flows, policy, start = ownStart } = surrounding
  const bench: Bench = { parsed, shelf, files, flows, policy, problems: [] }
  const { flow, outputs } = flowOf(bench, document, flowNames(document, { policy, start }))
  const found = distinct(bench.problems).slice(0, problemsShownMax)
  if (bench.problems.some((problem) => problem.severity === 'error'))
    return { version: null, outputs, problems: found }
  const { file, text } = parsed.source
  const closure = Object.fromEntries(
    [...files.texts, [file, text] as const].sort(([a], [b]) => (a < b ? -1 : 1)),
  )
  return { version: { flow: { ...flow, version: digestOf(closure) }, closure }, outputs, problems: found }
}

/** Nobody mends more at once. */
export const problemsShownMax = 200

function distinct(problems: readonly Problem[]): readonly Problem[] {
  const key = ({ code, place, message }: Problem): string =>
    `${code} ${place.file}:${place.line}:${place.column} ${message}`
  return [...new Map(problems.map((problem) => [key(problem), problem])).values()]
}

interface FlowAndOutputs {
  readonly flow: Flow
  readonly outputs: Type
}

function flowOf(bench: Bench, written: FlowDocument, names: Fields): FlowAndOutputs {
  checkNames(bench, written)
  checkInputShapes(bench, written)
  const stages = compileStages(bench, written, names)
  const { values, type } = compileOutputs(bench, written, stages.end)
  const flow: Flow = {
    name: flowName(written.name),
    description: written.description ?? '',
    owner: written.owner ?? null,
    file: bench.parsed.source.file,
    version: '',
    suspended: written.suspend ?? false,
    triggers: compileTriggers(bench, written),
    inputs: written.inputs ?? {},
    limits: compileLimits(bench, written, startView(bench, names)),
    steps: stages.steps,
    onFailure: { steps: stages.failureSteps() },
    outputs: values,
  }
  return { flow, outputs: type }
}

interface Stages {
  readonly steps: readonly Step[]
  /** After the last step. */
  readonly end: View
  readonly failureSteps: () => readonly Step[]
}

function compileStages(bench: Bench, written: FlowDocument, names: Fields): Stages {
  const known = new Map<string, Known>()
  const sight: Sight = { names, files: bench.files, known, steps: written.steps }
  const start = startView(bench, names)
  const level = { flow: written.name, start, listed: null, known } as const
  const main: Level = {
    ...level,
    stage: 'steps',
    steps: written.steps,
    prefix: '',
    see: (ordered) => stepView(sight, ordered),
  }
  const { steps, ordered } = compileSteps(bench, main)
  const failureSteps = written.on_failure?.steps ?? []
  const failing: Level = {
    ...level,
    stage: 'on_failure',
    steps: failureSteps,
    prefix: 'on_failure.',
    see: (one: Ordered) => failureView(sight, one, failureSteps),
  }
  return {
    steps,
    end: endView(sight, earlyEnds(ordered)),
    failureSteps: () => compileSteps(bench, failing).steps,
  }
}

interface CompiledOutputs {
  readonly values: Readonly<Record<string, Value>>
  readonly type: Type
}

function compileOutputs(bench: Bench, { outputs = {} }: FlowDocument, view: View): CompiledOutputs {
  const typed = Object.entries(outputs).map(
    ([name, json]) => [name, compileValue(bench, { at: slot(outputs, name), json }, view)] as const,
  )
  return {
    values: Object.fromEntries(typed.map(([name, one]) => [name, one.value])),
    type: outputsType(typed),
  }
}

/** Before the first step: nothing has run. */
function startView(bench: Bench, names: Fields): View {
  const elsewhere = new Map([['steps', 'no step has run yet when this is asked']])
  return { roots: names, certain: new Set(), grants: new Map(), elsewhere, files: bench.files }
}

function compileTriggers(bench: Bench, flow: FlowDocument): readonly Trigger[] {
  const { on = {} } = flow
  return Object.entries(on).map(([id, trigger]) => {
    const alone = { ...flow, on: { [id]: trigger } }
    const names = flowNames(alone, { policy: bench.policy, start: ownStart })
    return compileTrigger(bench, { at: slot(on, id), trigger }, startView(bench, names))
  })
}
