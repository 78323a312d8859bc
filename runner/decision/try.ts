// One request to Claude as it is remembered: what was asked, what came, what it cost.

import type { PlannedRequest } from './request.ts'
import type { Outcome } from './outcome.ts'
import type { TokenClass } from './price.ts'
import type { Json } from '../model/json.ts'
import type { PicoUsd } from '../model/money.ts'

export interface Try {
  readonly rung: 'small' | 'large'
  readonly reservation: string
  readonly planned: PlannedRequest
  readonly outcome: Outcome
  readonly reservedPicoUsd: PicoUsd
  readonly paid: Paid
  readonly startedMs: number
  readonly tookMs: number
}

export type Paid =
  | {
      readonly is: 'settled'
      readonly picoUsd: PicoUsd
      readonly tokens: Readonly<Record<TokenClass, number>>
      readonly alarms: readonly string[]
      readonly usage: Json
    }
  | { readonly is: 'presumed'; readonly picoUsd: PicoUsd; readonly why: string; readonly usage: Json }
  | { readonly is: 'released' }

export function paidPicoUsd(tries: readonly Try[]): PicoUsd {
  return tries.reduce((sum, { paid }) => sum + (paid.is === 'released' ? 0n : paid.picoUsd), 0n)
}
