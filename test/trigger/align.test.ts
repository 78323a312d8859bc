// The times of schedules, against two independent references and the three sentences about clock changes.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { lastSlots, nextSlot, slotsBetween } from '../../runner/trigger/align.ts'

const cron = (expression: string, timezone: string) => ({ rhythm: { cron: expression }, timezone })
const iso = (ms: number | null): string | null =>
  ms === null ? null : new Date(ms).toISOString().replace('.000Z', 'Z')

function nextTimes(expression: string, zone: string, from: string, count: number): (string | null)[] {
  const times: (string | null)[] = []
  for (let at: number | null = Date.parse(from); times.length < count && at !== null; times.push(iso(at)))
    at = nextSlot(cron(expression, zone), at)
  return times
}

type AgreeCase = readonly [expression: string, zone: string, from: string, next: readonly string[]]
const agree = JSON.parse(readFileSync('test/fixtures/cron/dst-agree.json', 'utf8')) as { cases: AgreeCase[] }

test('over clock changes in all zones of the fixture the next six times are those of cronsim', () => {
  assert.ok(agree.cases.length > 690)
  for (const [expression, zone, from, next] of agree.cases)
    assert.deepEqual(nextTimes(expression, zone, from, 6), next, `${expression} ${zone} from ${from}`)
})

interface KubernetesCase {
  readonly kind: 'activation' | 'next'
  readonly expr: string
  readonly tz: string
  readonly from: string
  readonly expected: boolean | string | null
}
const kubernetes = JSON.parse(readFileSync('test/fixtures/cron/robfig-k8s-spec.json', 'utf8')) as {
  cases: KubernetesCase[]
  invalid5: string[]
}

/** Where we differ from Kubernetes on purpose: case numbers by reason. */
const differences = {
  /** `5/15` means "from 5 on" there and is a mistake elsewhere: refused, write `5-59/15`. */
  startWithStep: [0, 1, 2, 3, 4, 5, 6, 7, 29, 30, 31, 45],
  /** Six fields that use seconds: there is no field for seconds. */
  seconds: [35, 36, 37, 38, 39, 40],
  /** It skips a day on which the time does not exist; we fire at the first instant after the gap. */
  gap: [48, 59],
  /** It fires in the second occurrence, or twice; we fire once, in the first. */
  twice: [61, 66, 76],
}

function answer(one: KubernetesCase): boolean | string | null {
  // A seconds field of 0 says nothing.
  const fields = one.expr.split(' ')
  const expression = fields.length === 6 && fields[0] === '0' ? fields.slice(1).join(' ') : one.expr
  const from = Date.parse(one.from)
  if (one.kind === 'activation') return nextSlot(cron(expression, one.tz), from - 1) === from
  return iso(nextSlot(cron(expression, one.tz), from))
}

test('64 of the 87 cases of Kubernetes agree, and the others are the documented differences', () => {
  const differing = kubernetes.cases.flatMap((one, index) => {
    const expected = typeof one.expected === 'string' ? iso(Date.parse(one.expected)) : one.expected
    try {
      return answer(one) === expected ? [] : [index]
    } catch {
      return [index]
    }
  })
  assert.deepEqual(
    differing,
    Object.values(differences)
      .flat()
      .toSorted((a, b) => a - b),
  )
  assert.equal(kubernetes.cases.length - differing.length, 64)
})

test('what is refused is refused, not read as something else', () => {
  for (const index of [...differences.startWithStep, ...differences.seconds]) {
    const one = kubernetes.cases[index]!
    assert.throws(() => answer(one), one.expr)
  }
  for (const expression of kubernetes.invalid5)
    assert.throws(() => nextSlot(cron(expression, 'UTC'), 0), expression)
})

test('a fixed time in the gap comes at the first instant after it, once', () => {
  assert.deepEqual(nextTimes('30 2 * * *', 'Europe/Berlin', '2026-03-28T12:00:00Z', 2), [
    '2026-03-29T01:00:00Z',
    '2026-03-30T00:30:00Z',
  ])
})

test('a fixed time that exists twice comes once, at its first occurrence', () => {
  assert.deepEqual(nextTimes('30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00:00Z', 2), [
    '2026-10-25T00:30:00Z',
    '2026-10-26T01:30:00Z',
  ])
})

for (const [what, from] of [
  ['forward', '2026-03-29T00:00:00Z'],
  ['back', '2026-10-25T00:00:00Z'],
] as const)
  test(`a rhythm goes on in real time when clocks are set ${what}`, () => {
    const slots = slotsBetween(
      cron('*/15 * * * *', 'Europe/Berlin'),
      { afterMs: Date.parse(from), untilMs: Date.parse(from) + 4 * 3_600_000 },
      100,
    )
    assert.deepEqual(
      slots,
      Array.from({ length: 16 }, (_, i) => Date.parse(from) + (i + 1) * 900_000),
    )
  })

test('an interval counts from the epoch, whatever it is asked from', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1_000, max: 90_000_000 }),
      fc.integer({ min: 0, max: 4e12 }),
      (everyMs, afterMs) => {
        const next = nextSlot({ rhythm: { everyMs }, timezone: 'UTC' }, afterMs)
        assert.ok(next !== null && next > afterMs && next - afterMs <= everyMs && next % everyMs === 0)
      },
    ),
  )
})

test('a day that never comes has no slot', () => {
  assert.equal(nextSlot(cron('0 0 30 2 *', 'UTC'), 0), null)
})

test('the last slots are the tail of all slots', () => {
  const span = { afterMs: Date.parse('2026-10-01T00:00:00Z'), untilMs: Date.parse('2026-11-01T00:00:00Z') }
  for (const expression of ['*/5 * * * *', '30 2 * * *', '0 9 * * MON#1', '0 0 1 * *']) {
    const all = slotsBetween(cron(expression, 'Europe/Berlin'), span, Infinity)
    for (const max of [1, 3, 500])
      assert.deepEqual(lastSlots(cron(expression, 'Europe/Berlin'), span, max), all.slice(-max))
  }
})

test('the last slot of ten years of minutes is found at once', () => {
  const untilMs = Date.parse('2026-11-22T10:00:30Z')
  const before = performance.now()
  const slots = lastSlots(cron('* * * * *', 'Asia/Seoul'), { afterMs: untilMs - 3.2e11, untilMs }, 1)
  assert.deepEqual(slots.map(iso), ['2026-11-22T10:00:00Z'])
  assert.ok(performance.now() - before < 1_000)
})
