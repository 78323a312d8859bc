// Slots that passed while nobody was there: which still fire, and whether that is said.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ScheduleTrigger } from '../../runner/model/flow.ts'
import { lateMsMax, slotsToFire } from '../../runner/trigger/missed.ts'

const minuteMs = 60_000
const dueMs = Date.parse('2026-11-22T09:15:00Z')

function quarterly(missed: Partial<ScheduleTrigger['missed']>): ScheduleTrigger {
  const place = { file: 'a.yaml', line: 1, column: 1 }
  const all = { run: 'latest', withinMs: null, max: 100, ...missed } as const
  const rhythm = { everyMs: 15 * minuteMs }
  return {
    id: 'tick',
    kind: 'schedule',
    place,
    rhythm,
    timezone: 'UTC',
    missed: all,
    overlap: 'skip',
    whileWaiting: 'hold',
  }
}

/** What fires at a time of day, as times of day. */
function firesAt(time: string, missed: Partial<ScheduleTrigger['missed']>) {
  const { fire, dropped, nextMs } = slotsToFire(quarterly(missed), dueMs, Date.parse(`2026-11-22T${time}Z`))
  const ofDay = (ms: number): string => new Date(ms).toISOString().slice(11, 16)
  return { fire: fire.map(ofDay), dropped, next: ofDay(nextMs ?? 0) }
}

for (const [missed, fire] of [
  [{}, ['12:00']],
  [{ run: 'latest', withinMs: 5 * minuteMs }, []],
  [{ run: 'latest', withinMs: 10 * minuteMs }, ['12:00']],
  [{ run: 'none' }, []],
  [{ run: 'all', max: 2 }, ['11:45', '12:00']],
  [{ run: 'all', withinMs: 30 * minuteMs }, ['11:45', '12:00']],
] as const)
  test(`ten minutes after the last of many, ${JSON.stringify(missed)} fires ${fire.join(' ') || 'nothing'}`, () => {
    assert.deepEqual(firesAt('12:10:00', missed), { fire, dropped: 'some', next: '12:15' })
  })

test('all that passed fire when `all` has room for them, and nothing is dropped', () => {
  const found = firesAt('10:00:00', { run: 'all', max: 4 })
  assert.deepEqual(found, { fire: ['09:15', '09:30', '09:45', '10:00'], dropped: 'none', next: '10:15' })
})

test('a slot fires late up to a minute whatever `missed` says, and is missed after it', () => {
  const at = (lateMs: number) => slotsToFire(quarterly({ run: 'none' }), dueMs, dueMs + lateMs)
  assert.deepEqual([at(lateMsMax).fire, at(lateMsMax).dropped], [[dueMs], 'none'])
  assert.deepEqual([at(lateMsMax + 1).fire, at(lateMsMax + 1).dropped], [[], 'some'])
})

test('a planned slot that new time zone data moved away still fires, once', () => {
  const offMs = dueMs + minuteMs
  const { fire, nextMs } = slotsToFire(quarterly({}), offMs, offMs)
  assert.deepEqual([fire, nextMs], [[offMs], dueMs + 15 * minuteMs])
})
