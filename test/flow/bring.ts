// Flows and policies from text, with small actions of our own, for tests of the language.

import type { Action } from '../../runner/model/action.ts'
import type { Flow, Scope, Step } from '../../runner/model/flow.ts'
import { commit } from '../../runner/model/id.ts'
import type { JsonSchema } from '../../runner/model/json.ts'
import type { Problem } from '../../runner/model/problem.ts'
import type { Revision } from '../../runner/model/revision.ts'
import type { Sink } from '../../runner/model/trust.ts'
import { loadRevision } from '../../runner/flow/load.ts'

function action(
  name: string,
  shape: { input: JsonSchema; output: JsonSchema; sinks: Record<string, Sink> },
): Action {
  return {
    name,
    version: 1,
    summary: 'For tests.',
    ...shape,
    input: { type: 'object', additionalProperties: false, ...shape.input },
    output: { type: 'object', additionalProperties: false, ...shape.output },
    repetition: () => 'read',
    floor: () => 'low',
    undo: { none: 'a test' },
    describe: () => 'do nothing',
    uses: (input) => ({
      connections: typeof input['connection'] === 'string' ? [input['connection']] : [],
      secrets: typeof input['bearer'] === 'string' ? [input['bearer']] : [],
    }),
    run: () => Promise.resolve(null),
  }
}

const text = { type: 'string' }

/** `log.record`, `shop.order`, `shop.search` and `shell.run`, with every kind of sink. */
export const actions: readonly Action[] = [
  action('log.record', {
    input: { properties: { message: text, fields: { type: 'object' } }, required: ['message'] },
    output: { properties: { message: text }, required: ['message'] },
    sinks: { message: 'text', fields: 'text' },
  }),
  action('shop.order', {
    input: {
      properties: {
        to: text,
        note: { type: 'string', maxLength: 20 },
        count: { type: 'integer', minimum: 1, maximum: 9 },
        price: { type: 'number', minimum: 0, maximum: 1000 },
        urgent: { type: 'boolean', default: false },
        speed: { enum: ['slow', 'fast'], type: 'string' },
        tags: { type: 'array', items: text },
        lines: {
          type: 'array',
          items: {
            type: 'object',
            properties: { sku: text },
            required: ['sku'],
            additionalProperties: false,
          },
        },
        connection: text,
        bearer: text,
      },
      required: ['to'],
    },
    output: {
      properties: {
        id: text,
        number: { type: 'integer' },
        total: { type: 'number' },
        state: { enum: ['open', 'paid'] },
        placed_at: { type: 'string', format: 'date-time' },
        note: text,
        lines: {
          type: 'array',
          items: {
            type: 'object',
            properties: { sku: text, price: { type: 'number' } },
            required: ['sku', 'price'],
          },
        },
        raw: {},
      },
      required: ['id', 'number', 'total', 'state', 'placed_at', 'lines', 'raw'],
    },
    sinks: {
      to: 'recipient',
      note: 'text',
      count: 'quantity',
      price: 'quantity',
      urgent: 'quantity',
      speed: 'identifier',
      tags: 'identifier',
      lines: 'identifier',
      connection: 'identifier',
      bearer: 'identifier',
    },
  }),
  action('shop.search', {
    input: { properties: { query: text }, required: ['query'] },
    output: { properties: { found: { type: 'array', items: text } }, required: ['found'] },
    sinks: { query: 'text' },
  }),
  action('shell.run', {
    input: {
      properties: {
        command: { type: 'array', items: text },
        env: { type: 'object', additionalProperties: text },
      },
      required: ['command'],
    },
    output: { properties: { stdout: text }, required: ['stdout'] },
    sinks: { command: 'command', env: 'command' },
  }),
]

const encoder = new TextEncoder()

export function load(files: Readonly<Record<string, string | Uint8Array>>): Revision {
  const entries = Object.entries(files).map(([path, content]): [string, Uint8Array] => [
    path,
    typeof content === 'string' ? encoder.encode(content) : content,
  ])
  return loadRevision({ commit: commit('a'.repeat(40)), files: new Map(entries) }, actions)
}

/** Head of a flow called `demo`. */
export const head = 'apiVersion: watchbill/v1\nkind: Flow\nname: demo\n'
export const policyHead = 'apiVersion: watchbill/v1\nkind: Policy\nname: policy\n'
/** Lines before the text that is handed to `flowIn` and `problemsIn`. */
export const headLines = 3

type Beside = Readonly<Record<string, string>>

/** The problems of a flow, each as `code line:column`, lines counted from the text itself. */
export function problemsIn(body: string, beside: Beside = {}): readonly string[] {
  return load({ 'demo.yaml': head + body, ...beside }).problems.map((problem) => short(problem, headLines))
}

export function policyProblemsIn(body: string): readonly string[] {
  return load({ 'policy.yaml': policyHead + body }).problems.map((problem) => short(problem, headLines))
}

export function short({ code, place }: Problem, linesBefore = 0): string {
  return `${code} ${place.line - linesBefore}:${place.column}`
}

/** The compiled flow; fails the test with its problems when there are errors. */
export function flowIn(body: string, beside: Beside = {}): Flow {
  const revision = load({ 'demo.yaml': head + body, ...beside })
  const flow = revision.flows.find((version) => version.flow.file === 'demo.yaml')?.flow
  if (flow === undefined) throw new Error(JSON.stringify(revision.problems, null, 1))
  return flow
}

export function stepIn(flow: Flow, id: string): Step {
  const step = [...flow.steps, ...flow.onFailure.steps].find((one) => one.id === id)
  if (step === undefined) throw new Error(`no step ${id}`)
  return step
}

/** A scope with nothing in it. */
export const emptyScope: Scope = {
  event: {},
  inputs: {},
  steps: {},
  run: {
    id: 'r1',
    trigger: 'manual',
    started_at: '2026-11-22T09:30:00.000Z',
    scheduled_at: '2026-11-22T09:30:00.000Z',
  },
  flow: 'demo',
  policy: { teams: {}, lists: {} },
}

/** A step that records what an expression gives, for tests of expressions. */
export function recording(expression: string): string {
  return `steps:\n  - id: a\n    uses: log.record\n    with:\n      message: x\n      fields: { value: ${JSON.stringify(`\${ ${expression} }`)} }\n`
}
