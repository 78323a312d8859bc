// A flow from its text: parse → validate → compile, every problem collected.

import { digestOf } from '../model/digest.ts'
import type { Flow, Limits, Step, Trigger, Value } from '../model/flow.ts'
import { flowName } from '../model/id.ts'
import type { Policy } from '../model/policy.ts'
import type { Problem } from '../model/problem.ts'
import type { FlowVersion } from '../model/revision.ts'
import { slot, type Bench } from './bench.ts'
import { checkNames } from './check-names.ts'
import { compileBare, expressionOf } from './compile-expression.ts'
import { compileStep, spanMs } from './compile-step.ts'
import { compileTrigger } from './compile-trigger.ts'
import { compileValue } from './compile-value.ts'
import { checkInputShapes } from './check-shapes.ts'
import type { FlowDocument, StepDocument } from './document.ts'
import type { Asked } from './files.ts'
import { kindProblem } from './kind.ts'
import { flowNames } from './names.ts'
import { orderSteps, type Ordered } from './order.ts'
import { parse } from './parse.ts'
import { endView, failureView, stepView, type Known, type Sight } from './place-view.ts'
import { resultOf } from './result.ts'
import { checkSchema } from './schema.ts'
import type { Shelf } from './shelf.ts'
import type { View } from './view.ts'

export interface FlowSource {
  readonly file: string
  readonly bytes: Uint8Array
  readonly shelf: Shelf
  readonly files: Asked
  readonly policy: Policy | null
}

export interface CompiledFlow {
  /** Null when there is an error. */
  readonly version: FlowVersion | null
  readonly problems: readonly Problem[]
}

export function compileFlow({ file, bytes, shelf, files, policy }: FlowSource): CompiledFlow {
  const { parsed, problems } = parse(file, bytes)
  if (parsed === null) return { version: null, problems }
  const kind = kindProblem(parsed, 'Flow')
  if (kind !== null) return { version: null, problems: [kind] }
  const misfits = checkSchema('flow', { parsed, value: parsed.root, name: 'the flow' })
  if (misfits.length > 0) return { version: null, problems: misfits }
  const bench: Bench = { parsed, shelf, files, policy, problems: [] }
  const flow = flowOf(bench, parsed.root as unknown as FlowDocument)
  const found = distinct(bench.problems).slice(0, problemsShownMax)
  if (bench.problems.some((problem) => problem.severity === 'error'))
    return { version: null, problems: found }
  const closure = Object.fromEntries(
    [...files.texts, [file, parsed.source.text] as const].sort(([a], [b]) => (a < b ? -1 : 1)),
  )
  return { version: { flow: { ...flow, version: digestOf(closure) }, closure }, problems: found }
}

/** Nobody mends more at once. */
export const problemsShownMax = 200

function distinct(problems: readonly Problem[]): readonly Problem[] {
  const key = ({ code, place, message }: Problem): string =>
    `${code} ${place.file}:${place.line}:${place.column} ${message}`
  return [...new Map(problems.map((problem) => [key(problem), problem])).values()]
}

function flowOf(bench: Bench, written: FlowDocument): Flow {
  checkNames(bench, written)
  checkInputShapes(bench, written)
  const names = flowNames(written, bench.policy)
  const known = new Map<string, Known>()
  const sight: Sight = { names, files: bench.files, known, steps: written.steps }
  const steps = compileSteps(
    bench,
    { flow: written, sight, known, steps: written.steps, prefix: '' },
    (ordered) => stepView(sight, ordered),
  )
  const outputs = compileOutputs(bench, written, endView(sight))
  const failureSteps = written.on_failure?.steps ?? []
  const seeFailure = (ordered: Ordered): View => failureView(sight, ordered, failureSteps)
  const stage = { flow: written, sight, known, steps: failureSteps, prefix: 'on_failure.' }
  return {
    name: flowName(written.name),
    description: written.description ?? '',
    owner: written.owner ?? null,
    file: bench.parsed.source.file,
    version: '',
    suspended: written.suspend ?? false,
    triggers: compileTriggers(bench, written),
    inputs: written.inputs ?? {},
    limits: compileLimits(bench, written, startView(bench, written)),
    steps,
    onFailure: { steps: compileSteps(bench, stage, seeFailure) },
    outputs,
  }
}

interface Stage {
  readonly flow: FlowDocument
  readonly sight: Sight
  readonly known: Map<string, Known>
  readonly steps: readonly StepDocument[]
  readonly prefix: string
}

/** In the order in which they can run, so that each finds the results of those it needs. */
function compileSteps(
  bench: Bench,
  { flow, known, steps, prefix }: Stage,
  see: (ordered: Ordered) => View,
): readonly Step[] {
  return orderSteps(bench, steps).map((ordered) => {
    const { step, item } = compileStep(bench, { flow: flow.name, prefix, ordered }, see(ordered))
    const result = resultOf(ordered.step, bench.shelf, item)
    const afterFailure = resultOf({ ...ordered.step, on_error: 'continue' }, bench.shelf, item)
    known.set(ordered.step.id, { step: ordered.step, result, afterFailure })
    return step
  })
}

function compileOutputs(
  bench: Bench,
  { outputs = {} }: FlowDocument,
  view: View,
): Readonly<Record<string, Value>> {
  const entries = Object.entries(outputs).map(([name, json]) => [
    name,
    compileValue(bench, { at: slot(outputs, name), json }, view).value,
  ])
  return Object.fromEntries(entries)
}

/** Before the first step: nothing has run. */
function startView(bench: Bench, flow: FlowDocument): View {
  const names = flowNames(flow, bench.policy)
  const elsewhere = new Map([['steps', 'no step has run yet when this is asked']])
  return { roots: names, certain: new Set(), grants: new Map(), elsewhere, files: bench.files }
}

function compileTriggers(bench: Bench, flow: FlowDocument): readonly Trigger[] {
  const { on = {} } = flow
  return Object.entries(on).map(([id, trigger]) => {
    const alone = { ...flow, on: { [id]: trigger } }
    return compileTrigger(bench, { at: slot(on, id), trigger }, startView(bench, alone))
  })
}

const timeoutDefault = '1h'

function compileLimits(bench: Bench, { limits = {} }: FlowDocument, view: View): Limits {
  const { concurrency, timeout, budget } = limits
  const key = concurrency?.key
  const scalar = ['text', 'int', 'double', 'bool'] as const
  return {
    concurrency:
      concurrency === undefined
        ? null
        : {
            key:
              key === undefined
                ? null
                : expressionOf(
                    compileBare(
                      bench,
                      {
                        slot: slot(concurrency, 'key'),
                        text: key,
                        type: scalar,
                        what: 'a text, a number, true or false',
                      },
                      view,
                    ),
                  ),
            max: concurrency.max,
            whenFull: concurrency.when_full ?? 'queue',
            whileWaiting: 'hold',
          },
    rate: null,
    timeoutMs: spanMs(timeout ?? timeoutDefault) ?? 0,
    budget: { perRunUsd: budget?.per_run_usd ?? null, perDayUsd: budget?.per_day_usd ?? null },
  }
}
