// What http.request takes and gives.

import type { JsonSchema } from '../runner/model/json.ts'

export const httpInput: JsonSchema = {
  type: 'object',
  properties: {
    method: {
      type: 'string',
      enum: ['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE'],
      default: 'GET',
      description: 'The method; all but GET, HEAD and OPTIONS ask people unless the policy allows it.',
    },
    url: {
      type: 'string',
      minLength: 1,
      maxLength: 8_192,
      description: 'Where to, in full; with `connection` the path below its base.',
    },
    headers: {
      type: 'object',
      maxProperties: 50,
      additionalProperties: { type: 'string', maxLength: 8_192 },
      default: {},
      description: 'Headers beside those that the runner sets itself.',
    },
    body: { description: 'A text is sent as it stands, anything else as JSON.' },
    connection: {
      type: 'string',
      minLength: 1,
      maxLength: 100,
      description: 'A connection of the policy: base address and secret.',
    },
    bearer: {
      type: 'string',
      minLength: 1,
      maxLength: 100,
      description:
        'Name of a secret of the policy, sent as `Authorization: Bearer` to the hosts listed for it.',
    },
    timeout_seconds: {
      type: 'integer',
      minimum: 1,
      maximum: 600,
      default: 30,
      description: 'For everything together: looking up, connecting, redirects, the whole answer.',
    },
    response_bytes_max: {
      type: 'integer',
      minimum: 0,
      maximum: 262_144,
      default: 262_144,
      description: 'What comes beyond this is dropped, and `truncated` says so.',
    },
    redirects_max: {
      type: 'integer',
      minimum: 0,
      maximum: 10,
      default: 5,
      description: 'How many redirects are followed; with 0 the redirect itself is the answer.',
    },
    expect: {
      type: 'array',
      minItems: 1,
      maxItems: 20,
      items: { type: 'integer', minimum: 200, maximum: 599 },
      description: 'Statuses that are no failure; without it 200 to 299.',
    },
    repetition: {
      type: 'string',
      enum: ['once', 'keyed', 'idempotent'],
      description:
        'What sending it again means: `keyed` when the other side drops a second one with the same Idempotency-Key.',
    },
  },
  required: ['url'],
  additionalProperties: false,
}

export const httpOutput: JsonSchema = {
  type: 'object',
  properties: {
    status: { type: 'integer', minimum: 100, maximum: 599 },
    headers: {
      type: 'object',
      additionalProperties: { type: 'string' },
      description: 'By lower-case name; cookies are left out, they would be kept with the run.',
    },
    body: { type: 'string', description: 'The answer as text.' },
    json: { description: 'The body as JSON when the answer says that it is, and was not cut; else null.' },
    url: { type: 'string', description: 'Where it ended after redirects.' },
    truncated: { type: 'boolean' },
  },
  required: ['status', 'headers', 'body', 'json', 'url', 'truncated'],
  additionalProperties: false,
}
