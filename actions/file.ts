// file.read and file.write: files inside the folders that the policy names.

import type { Action, ActionContext } from '../runner/model/action.ts'
import type { Json, JsonObject } from '../runner/model/json.ts'
import { quote } from './quote.ts'

/** What the record of a run can hold. */
const bytesMax = 524_288
const contentCharactersMax = 524_288

const path = {
  type: 'string',
  minLength: 1,
  maxLength: 1_024,
  description: "Path of the file, relative to the runner's working folder, inside a folder of the policy.",
}

export const fileRead: Action = {
  name: 'file.read',
  version: 1,
  summary: 'Reads a text file.',
  input: {
    type: 'object',
    properties: {
      path,
      bytes_max: {
        type: 'integer',
        minimum: 1,
        maximum: bytesMax,
        default: 262_144,
        description: 'A larger file is refused.',
      },
    },
    required: ['path'],
    additionalProperties: false,
  },
  output: {
    type: 'object',
    properties: {
      path: { type: 'string' },
      content: { type: 'string' },
      bytes: { type: 'integer', minimum: 0, maximum: bytesMax },
    },
    required: ['path', 'content', 'bytes'],
    additionalProperties: false,
  },
  sinks: { path: 'path', bytes_max: 'quantity' },
  repetition: () => 'read',
  floor: () => 'low',
  undo: { none: 'nothing is changed' },
  describe: (input) => `Read the file ${quote((input as unknown as ReadInput).path)}`,
  run: readFile,
}

export const fileWrite: Action = {
  name: 'file.write',
  version: 1,
  summary: 'Writes a text file, or adds to its end.',
  input: {
    type: 'object',
    properties: {
      path,
      content: {
        type: 'string',
        maxLength: contentCharactersMax,
        description: 'The text to write, as it stands.',
      },
      mode: {
        type: 'string',
        enum: ['replace', 'append'],
        default: 'replace',
        description: '`replace` writes the whole file at once; `append` adds to its end, which happens once.',
      },
    },
    required: ['path', 'content'],
    additionalProperties: false,
  },
  output: {
    type: 'object',
    properties: {
      path: { type: 'string' },
      bytes: { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
    },
    required: ['path', 'bytes'],
    additionalProperties: false,
  },
  sinks: { path: 'path', content: 'text', mode: 'identifier' },
  repetition: (input) => (input['mode'] === 'append' ? 'once' : 'idempotent'),
  floor: () => 'medium',
  undo: { none: 'the former content is not kept' },
  describe: (input) => {
    const { path, content, mode } = input as unknown as WriteInput
    return mode === 'append'
      ? `Add ${content.length} characters to the end of the file ${quote(path)}`
      : `Write ${content.length} characters to the file ${quote(path)}, in place of what it holds`
  },
  run: writeFile,
}

interface ReadInput {
  readonly path: string
  readonly bytes_max?: number
}

interface WriteInput {
  readonly path: string
  readonly content: string
  readonly mode?: 'replace' | 'append'
}

async function readFile(input: JsonObject, context: ActionContext): Promise<Json> {
  const { path, bytes_max = 262_144 } = input as unknown as ReadInput
  const content = await context.files.read(path, bytes_max)
  return { path, content, bytes: bytesOf(content) }
}

async function writeFile(input: JsonObject, context: ActionContext): Promise<Json> {
  const { path, content, mode } = input as unknown as WriteInput
  if (mode === 'append') await context.files.append(path, content)
  else await context.files.write(path, content)
  return { path, bytes: bytesOf(content) }
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length
}
