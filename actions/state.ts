// state.read, state.write, state.append, state.take: what a flow remembers between its runs.

import type { Action, ActionContext } from '../runner/model/action.ts'
import type { Json, JsonObject, JsonSchema } from '../runner/model/json.ts'
import { quote } from './quote.ts'

const nameCharactersMax = 200
const itemsMax = 10_000
const itemsDefault = 1_000
/** The answer of a change stands as long as its run does. */
const keyValidForMs = Number.MAX_SAFE_INTEGER

const name = {
  type: 'string',
  minLength: 1,
  maxLength: nameCharactersMax,
  description: 'What it is remembered under; every flow has names of its own.',
} as const
const otherwise = { description: 'The value when nothing is remembered there; null without it.' }
const version = {
  type: 'integer',
  minimum: 0,
  maximum: Number.MAX_SAFE_INTEGER,
  description: 'Another with every change; 0: nothing is remembered there.',
} as const

const found: JsonSchema = {
  type: 'object',
  properties: { value: {}, version, found: { type: 'boolean' } },
  required: ['value', 'version', 'found'],
  additionalProperties: false,
}

export const stateRead: Action = {
  name: 'state.read',
  version: 1,
  summary: 'Reads what the flow remembers.',
  input: {
    type: 'object',
    properties: { name, default: otherwise },
    required: ['name'],
    additionalProperties: false,
  },
  output: found,
  sinks: { name: 'identifier', default: 'text' },
  repetition: () => 'read',
  floor: () => 'low',
  undo: { none: 'nothing is changed' },
  describe: (input) => `Read ${quote(nameOf(input))} from the memory of the flow`,
  run: async (input, { memory }) => answer(input, await memory.read(nameOf(input))),
}

export const stateWrite: Action = {
  name: 'state.write',
  version: 1,
  summary: 'Remembers a value for later runs of the flow.',
  input: {
    type: 'object',
    properties: {
      name,
      value: { description: 'Any JSON value of at most 256 KiB; what stood there before is gone.' },
      expect: {
        ...version,
        description: 'Only when this version stands there, 0: nothing; otherwise the step is refused.',
      },
    },
    required: ['name', 'value'],
    additionalProperties: false,
  },
  output: { type: 'object', properties: { version }, required: ['version'], additionalProperties: false },
  sinks: { name: 'identifier', value: 'text', expect: 'quantity' },
  repetition: () => 'keyed',
  keyValidForMs,
  floor: () => 'low',
  undo: { none: 'what stood there before is not kept' },
  describe: (input) => `Remember a value as ${quote(nameOf(input))} in the memory of the flow`,
  run: async (input, { memory }) => {
    const { value, expect = null } = input as unknown as WriteInput
    return { ...(await memory.write(nameOf(input), value, expect)) }
  },
}

export const stateAppend: Action = {
  name: 'state.append',
  version: 1,
  summary: 'Adds to the end of a list that the flow remembers.',
  input: {
    type: 'object',
    properties: {
      name,
      value: { description: 'The new last element, any JSON value.' },
      max: {
        type: 'integer',
        minimum: 1,
        maximum: itemsMax,
        default: itemsDefault,
        description: 'How many elements are kept; the oldest go first.',
      },
    },
    required: ['name', 'value'],
    additionalProperties: false,
  },
  output: {
    type: 'object',
    properties: { version, length: { type: 'integer', minimum: 1, maximum: itemsMax } },
    required: ['version', 'length'],
    additionalProperties: false,
  },
  sinks: { name: 'identifier', value: 'text', max: 'quantity' },
  repetition: () => 'keyed',
  keyValidForMs,
  floor: () => 'low',
  undo: { none: 'other runs may have added to the list or taken it since' },
  describe: (input) => `Add an element to the list ${quote(nameOf(input))} in the memory of the flow`,
  run: async (input, { memory }) => {
    const { value, max = itemsDefault } = input as unknown as AppendInput
    return { ...(await memory.append(nameOf(input), value, max)) }
  },
}

export const stateTake: Action = {
  name: 'state.take',
  version: 1,
  summary: 'Reads what the flow remembers and clears it at once.',
  input: {
    type: 'object',
    properties: { name, default: otherwise },
    required: ['name'],
    additionalProperties: false,
  },
  output: found,
  sinks: { name: 'identifier', default: 'text' },
  repetition: () => 'keyed',
  keyValidForMs,
  floor: () => 'low',
  // Only where nothing new stands there meanwhile.
  undo: {
    uses: 'state.write',
    input: (input, output) => ({
      name: nameOf(input),
      value: (output as JsonObject)['value'] ?? null,
      expect: 0,
    }),
  },
  describe: (input) => `Take ${quote(nameOf(input))} out of the memory of the flow`,
  run: async (input, { memory }) => answer(input, await memory.take(nameOf(input))),
}

interface WriteInput {
  readonly value: Json
  readonly expect?: number
}

interface AppendInput {
  readonly value: Json
  readonly max?: number
}

type Remembered = Awaited<ReturnType<ActionContext['memory']['read']>>

function answer(input: JsonObject, remembered: Remembered): Json {
  if (remembered === null) return { value: input['default'] ?? null, version: 0, found: false }
  return { ...remembered, found: true }
}

function nameOf(input: JsonObject): string {
  return (input as unknown as { readonly name: string }).name
}
