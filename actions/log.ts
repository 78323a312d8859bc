// log.record: a line in the run's own record.

import type { Action, ActionContext } from '../runner/model/action.ts'
import type { Json, JsonObject } from '../runner/model/json.ts'
import { quote } from './quote.ts'

interface Input {
  readonly message: string
  readonly fields: JsonObject
}

export const logRecord: Action = {
  name: 'log.record',
  version: 1,
  summary: 'Writes a line to the log of the run.',
  input: {
    type: 'object',
    properties: {
      message: { type: 'string', maxLength: 10_000, description: 'What to record.' },
      fields: {
        type: 'object',
        maxProperties: 50,
        default: {},
        description: 'Facts beside the message, by name.',
      },
    },
    required: ['message'],
    additionalProperties: false,
  },
  output: {
    type: 'object',
    properties: { message: { type: 'string' } },
    required: ['message'],
    additionalProperties: false,
  },
  sinks: { message: 'text', fields: 'text' },
  repetition: () => 'idempotent',
  floor: () => 'low',
  undo: { none: 'a record is not taken back' },
  describe: (input) => `Record ${quote(read(input).message)} in the log of the run`,
  run: record,
}

async function record(input: JsonObject, context: ActionContext): Promise<Json> {
  const { message, fields } = read(input)
  const facts = Object.entries(fields).map(([name, value]) => ` ${name}=${JSON.stringify(value)}`)
  context.log(message + facts.join(''))
  return { message }
}

function read(input: JsonObject): Input {
  return { fields: {}, ...(input as Partial<JsonObject>) } as unknown as Input
}
