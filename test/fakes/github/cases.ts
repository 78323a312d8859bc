// The replies of test/fixtures/faults/github-replies.json as faults of the fake.

import { readFileSync } from 'node:fs'

import type { Fault } from './faults.ts'

export interface GitHubCase {
  readonly id: string
  readonly method?: string
  readonly accept?: boolean
  readonly cut?: boolean
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly raw?: string
  readonly expected: string
}

const file = new URL('../../fixtures/faults/github-replies.json', import.meta.url)

export const githubCases: readonly GitHubCase[] = (
  JSON.parse(readFileSync(file, 'utf8')) as { readonly cases: readonly GitHubCase[] }
).cases

/** `nowMs`: for headers such as `now+900`. What goes on for good in the world goes on for good here. */
export function faultFromCase(given: GitHubCase, nowMs: number): Fault {
  const headers = Object.fromEntries(
    Object.entries(given.headers ?? {}).map(([name, value]) => [name, seconds(value, nowMs)]),
  )
  return {
    headers,
    ...(given.method === undefined ? {} : { method: given.method }),
    ...(given.accept === undefined ? {} : { accept: given.accept }),
    ...(given.cut === true ? { cut: true } : {}),
    ...(given.status === undefined ? {} : { status: given.status }),
    ...(given.body === undefined ? {} : { body: given.body }),
    ...(given.raw === undefined ? {} : { raw: given.raw }),
    ...(given.id.endsWith('-forever') ? { times: Number.POSITIVE_INFINITY } : {}),
  }
}

function seconds(value: string, nowMs: number): string {
  const [, offset] = /^now\+(\d+)$/.exec(value) ?? []
  return offset === undefined ? value : String(Math.floor(nowMs / 1_000) + Number(offset))
}
