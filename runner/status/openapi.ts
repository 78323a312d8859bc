// The API described in its own terms, OpenAPI 3.1, at /api/v1/openapi.json.

import { schemas } from './openapi-schemas.ts'
import type { JsonObject } from '../model/json.ts'
import { runStatuses } from '../model/run.ts'
import { pageItemsMax } from '../store/view-page.ts'

const cursor = query('cursor', { type: 'string' }, '`next` of the answer before')
const limit = query('limit', { type: 'integer', minimum: 1, maximum: pageItemsMax }, 'items in one answer')
const flow = query('flow', { type: 'string' }, 'name of a flow')

export const openapi: JsonObject = {
  openapi: '3.1.0',
  info: {
    title: 'Watchbill',
    version: '1',
    description:
      'What the pages show, as JSON. Read-only. Times are epoch milliseconds, money is a text of pico-USD. With a token: `Authorization: Bearer`.',
  },
  paths: {
    '/api/v1/status': get('What goes on: runner, day, month, questions, failures', 'Status', []),
    '/api/v1/flows': get('Flows of the branch', 'FlowPage', [cursor, limit]),
    '/api/v1/flows/{name}': get('One flow with its text and next times', 'FlowDetail', [inPath('name')]),
    '/api/v1/runs': get('Runs, newest first', 'RunPage', [
      flow,
      query('status', { type: 'string' }, `one or more of ${runStatuses.join(', ')}, with commas`),
      query('since', { type: 'string', pattern: '^\\d{1,4}[mhd]$' }, 'how far back: 24h, 7d'),
      cursor,
      limit,
    ]),
    '/api/v1/runs/{id}': get('One run with its journal', 'RunDetail', [
      inPath('id'),
      query(
        'after',
        { type: 'integer' },
        'journal entries after this one: `journal.next` of the answer before',
      ),
    ]),
    '/api/v1/approvals': get('Questions to people', 'ApprovalPage', [
      query('state', { type: 'string', enum: ['open', 'closed'] }, 'open ones unless it says closed'),
      cursor,
      limit,
    ]),
    '/api/v1/commits': get('Commits as the runner saw them', 'CommitPage', [cursor, limit]),
    '/api/v1/decisions': get('Decisions, newest first', 'DecisionPage', [flow, cursor, limit]),
    '/api/v1/openapi.json': get('This description', null, []),
  },
  components: { schemas, securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
}

function query(name: string, schema: JsonObject, description: string): JsonObject {
  return { name, in: 'query', required: false, description, schema }
}

function inPath(name: string): JsonObject {
  return { name, in: 'path', required: true, schema: { type: 'string' } }
}

/** `answer`: name of the schema; null: not described further. */
function get(summary: string, answer: string | null, parameters: readonly JsonObject[]): JsonObject {
  const schema = answer === null ? {} : { $ref: `#/components/schemas/${answer}` }
  const fault = { 'application/json': { schema: { $ref: '#/components/schemas/Fault' } } }
  return {
    get: {
      summary,
      parameters,
      responses: {
        '200': { description: summary, content: { 'application/json': { schema } } },
        default: { description: 'What is wrong and what to do', content: fault },
      },
    },
  }
}
