// Facts of a journal as the engine writes them, for tests that look at them.

import { type FactBody, hashOf } from './rows.ts'

export const at = (
  step: string,
  element: number | null = null,
): { step: string; element: number | null } => ({
  step,
  element,
})
const frozen = (
  uses: string,
  input: Record<string, string>,
): Extract<FactBody, { is: 'intended' }>['action'] => ({
  uses,
  version: 1,
  input,
  sources: Object.fromEntries(
    Object.keys(input).map((name) => [name, { trust: 'untrusted', from: 'event.webhook.body' }]),
  ),
})

export function intended(
  step: string,
  uses: string,
  input: Record<string, string>,
  element: number | null = null,
): FactBody {
  const action = frozen(uses, input)
  const key = hashOf(step + uses + element).slice(0, 32)
  return {
    is: 'intended',
    at: at(step, element),
    attempt: 1,
    key,
    action,
    requestHash: hashOf(key),
    risk: 'low',
    ticket: null,
  }
}

export function succeeded(
  step: string,
  tookMs: number,
  more: { uses?: string; output?: string; element?: number; attempt?: number } = {},
): FactBody {
  const { uses = null, output = null, element = null, attempt = 1 } = more
  return { is: 'succeeded', at: at(step, element), attempt, output, uses, risk: 'low', tookMs }
}

export function failedOnce(step: string, attempt: number, retryAtMs: number | null): FactBody {
  const error = {
    kind: 'unavailable',
    message: 'postgres: connection refused (10.2.0.14:5432)',
    remedy: 'look whether the replica is up; the runner tries again by itself',
  } as const
  return { is: 'failed', at: at(step), attempt, error, uses: 'http.request', tookMs: 1_100, retryAtMs }
}

export function decided(
  step: string,
  choice: string,
  reason: string,
  more: { decision?: string; route?: string } = {},
): FactBody {
  const { decision = hashOf(step + choice).slice(0, 26), route = 'small' } = more
  return {
    is: 'decided',
    at: at(step),
    decision,
    route,
    choice,
    parameters: choice === 'reply' ? { body: 'We open at nine, and at ten on Saturdays.' } : {},
    provenance: { body: 'untrusted' },
    reason,
    priority: 'normal',
    risk: 'low',
    costPicoUsd: route === 'rule' ? '0' : '212000000',
  }
}
