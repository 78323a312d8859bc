// Flows of real runners whose steps reach the remote, and what has to have reached it in the end.

import type { Remote } from './remote.ts'

const head = (name: string): string => `apiVersion: watchbill/v1
kind: Flow
name: ${name}
description: Reaches a remote that remembers.
on:
  go:
    webhook:
      id: string(event.webhook.body.n)
      body:
        type: object
        properties: { n: { type: integer, minimum: 0, maximum: 1000000 } }
        required: [n]
`

const number = '${ has(event.webhook) ? event.webhook.body.n : 0 }'

const request = (id: string, method: string, more = ''): string => `  - id: ${id}
    uses: http.request
    with: { method: ${method}, url: "{url}/${id}", body: { n: "${number}" }${more} }
`

const mixed = `${head('mixed')}steps:
  - id: read
    uses: http.request
    with: { url: "{url}/read" }
${request('keyed', 'POST', ', repetition: keyed')}${request('once', 'POST')}${request('put', 'PUT')}`

const fan = `${head('fan')}steps:
  - id: many
    each: \${ [1, 2, 3] }
    as: element
    max_parallel: 3
    uses: http.request
    with: { method: POST, url: "{url}/many", repetition: keyed, body: { n: "\${ (has(event.webhook) ? event.webhook.body.n : 0) * 10 + element }" } }
${request('last', 'POST')}`

const policy = `apiVersion: watchbill/v1
kind: Policy
name: policy
approvals: { approvers: ["@ana"], self: true, per_day: 10000 }
egress: { private: ["{host}"] }
allow:
  - { flow: mixed, uses: http.request, when: 'input.url.startsWith("{url}/")', lower_to: low }
  - { flow: fan, uses: http.request, when: 'input.url.startsWith("{url}/")', lower_to: low }
`

export const flowNames = ['mixed', 'fan'] as const
export type FlowName = (typeof flowNames)[number]

export function filesFor(remote: Remote): Readonly<Record<string, string>> {
  const { host } = new URL(remote.url)
  const filled = (text: string): string => text.replaceAll('{url}', remote.url).replaceAll('{host}', host)
  return {
    'flows/policy.yaml': filled(policy),
    'flows/mixed.yaml': filled(mixed),
    'flows/fan.yaml': filled(fan),
  }
}

export interface Expected {
  readonly effect: string
  readonly repetition: 'keyed' | 'once' | 'idempotent'
}

/** What a run of this flow for this number has brought about when it has succeeded. */
export function expectedOf(flow: FlowName, n: number): readonly Expected[] {
  if (flow === 'mixed')
    return [
      { effect: `/keyed ${n}`, repetition: 'keyed' },
      { effect: `/once ${n}`, repetition: 'once' },
      { effect: `/put ${n}`, repetition: 'idempotent' },
    ]
  const many = [1, 2, 3].map((element) => ({
    effect: `/many ${n * 10 + element}`,
    repetition: 'keyed' as const,
  }))
  return [...many, { effect: `/last ${n}`, repetition: 'once' }]
}
