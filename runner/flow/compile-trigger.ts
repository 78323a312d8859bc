// Triggers: each with its place, its schedule checked before it ever fires.

import type { ScheduleTrigger, Trigger, WebhookTrigger } from '../model/flow.ts'
import type { Place } from '../model/problem.ts'
import { reportKey, reportValue, slot, spotOf, type Bench, type Slot } from './bench.ts'
import { compileBare, expressionOf } from './compile-expression.ts'
import { cronFinding, zoneFinding } from './cron.ts'
import type { ScheduleDocument, TriggerDocument, WebhookDocument } from './document.ts'
import { durationMs, spanMs } from './duration.ts'
import { placeAt, type Finding } from './source.ts'
import { didYouMean } from './suggest.ts'
import type { View } from './view.ts'

interface Base {
  readonly id: string
  readonly place: Place
}

export function compileTrigger(
  bench: Bench,
  { at, trigger }: { readonly at: Slot; readonly trigger: TriggerDocument },
  view: View,
): Trigger {
  const base: Base = { id: at.key, place: placeAt(bench.parsed.source, spotOf(bench, at).keyAt) }
  if (trigger.schedule !== undefined) return compileSchedule(bench, base, trigger.schedule)
  if (trigger.git !== undefined) return { ...base, kind: 'git', paths: trigger.git?.paths ?? [] }
  return compileWebhook(bench, { base, webhook: trigger.webhook ?? {} }, view)
}

const missedMaxDefault = 100
const everyMsMin = 10_000
const everyMsMax = 365 * 86_400_000

function compileSchedule(bench: Bench, base: Base, schedule: ScheduleDocument): ScheduleTrigger {
  const { cron, every, timezone, missed, overlap, while_waiting } = schedule
  if (timezone !== undefined) reportIf(bench, slot(schedule, 'timezone'), zoneFinding(timezone))
  if (cron !== undefined && timezone === undefined)
    reportKey(bench, slot(schedule, 'cron'), {
      code: 'missing-key',
      message: 'cron needs the key timezone',
      hint: 'add timezone: Asia/Seoul (or yours); there is no server default',
    })
  if (cron !== undefined)
    reportIf(
      bench,
      slot(schedule, 'cron'),
      cronFinding(cron, timezone !== undefined && zoneFinding(timezone) === null ? timezone : 'UTC'),
    )
  const everyMs = every === undefined ? 0 : (durationMs(every) ?? 0)
  if (every !== undefined && (everyMs < everyMsMin || everyMs > everyMsMax))
    reportIf(bench, slot(schedule, 'every'), {
      code: 'cron',
      message: `every ${every} is out of bounds`,
      hint: 'from 10s to 365d',
    })
  return {
    ...base,
    kind: 'schedule',
    rhythm: cron === undefined ? { everyMs } : { cron: cron.trim() },
    timezone: timezone ?? 'UTC',
    missed: {
      run: missed?.run ?? 'latest',
      withinMs: spanMs(missed?.within),
      max: missed?.max ?? missedMaxDefault,
    },
    overlap: overlap ?? 'skip',
    whileWaiting: while_waiting ?? 'hold',
  }
}

function reportIf(bench: Bench, at: Slot, finding: Finding | null): void {
  if (finding !== null) reportValue(bench, at, finding)
}

function compileWebhook(
  bench: Bench,
  { base, webhook }: { readonly base: Base; readonly webhook: WebhookDocument },
  view: View,
): WebhookTrigger {
  const { secret, auth, id, body } = webhook
  const secrets = bench.policy?.secrets
  if (secret !== undefined && secrets !== undefined && !Object.hasOwn(secrets, secret))
    reportValue(bench, slot(webhook, 'secret'), {
      code: 'policy',
      message: `the policy has no secret ${secret}`,
      hint: didYouMean(secret, Object.keys(secrets)),
    })
  const compiled =
    id === undefined
      ? null
      : compileBare(
          bench,
          {
            slot: slot(webhook, 'id'),
            text: id,
            type: ['text', 'int', 'double'],
            what: 'a text or a number',
          },
          view,
        )
  return {
    ...base,
    kind: 'webhook',
    secret: secret ?? null,
    auth: auth ?? 'bearer',
    slot: expressionOf(compiled),
    body: body ?? null,
  }
}
