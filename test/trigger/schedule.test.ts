// Schedules over time: each slot once, whatever stops, jumps or runs beside it.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { Head } from '../../runner/model/head.ts'
import { createScheduler, type SchedulerParts } from '../../runner/trigger/schedule.ts'
import { type LogFields, silentLog } from '../../runner/world/log.ts'
import { fakeClock } from '../fakes/clock.ts'
import { kinds, type Kind } from '../store/bring.ts'
import { arrivals, headOf, register, registered } from './heads.ts'

const startMs = Date.parse('2026-11-22T09:00:00Z')
const minuteMs = 60_000
const hourMs = 3_600_000

const schedule = (words: string): string => `on:\n  tick:\n    schedule: { ${words} }`
const slot = (time: string, flow = 'a'): string => `schedule:${flow}:tick:2026-11-22T${time}:00.000Z`

interface Setup {
  readonly flows?: Readonly<Record<string, string>>
  readonly kind?: Kind
  readonly more?: Partial<SchedulerParts>
}

async function setup(t: TestContext, { flows, kind = 'pglite', more = {} }: Setup = {}) {
  const now = { head: headOf(flows ?? { a: schedule('every: 15m') }) }
  const database = await registered(t, { head: now.head, atMs: startMs, kind })
  const clock = fakeClock(startMs)
  const arrived = arrivals()
  const warnings: string[] = []
  const log = { ...silentLog, warn: (_: LogFields, said: string) => void warnings.push(said) }
  const parts: SchedulerParts = {
    database,
    clock,
    log,
    head: () => now.head,
    admit: arrived.admit,
    // As the runner says it: a policy that suspends counts as stopped.
    stopped: () => now.head.policy.suspended,
    ...more,
  }
  let scheduler = createScheduler(parts)
  return {
    database,
    clock,
    arrived,
    warnings,
    parts,
    /** Lets time pass, looking every `step`; without, once at the end, as after a sleep. */
    passes: async (ms: number, step = ms) => {
      for (let left = ms; left > 0; left -= step) {
        await clock.advance(Math.min(step, left))
        await scheduler.pass()
      }
    },
    pass: () => scheduler.pass(),
    restart: () => {
      scheduler = createScheduler(parts)
    },
    /** Another commit comes into force. */
    apply: async (next: Head) => {
      now.head = { ...next, revision: now.head.revision + 1 }
      await register(database, now.head, clock.now())
    },
  }
}

for (const kind of kinds) {
  test(`${kind}: every slot of an hour fires once, with its nominal time and the actual one`, async (t) => {
    const it = await setup(t, { kind })
    await it.passes(hourMs, 7 * minuteMs)
    assert.deepEqual(it.arrived.slots(), [slot('09:15'), slot('09:30'), slot('09:45'), slot('10:00')])
    assert.deepEqual(it.arrived.firings[0], {
      flow: 'a',
      trigger: 'tick',
      kind: 'schedule',
      slot: slot('09:15'),
      event: {
        kind: 'schedule',
        scheduled_at: '2026-11-22T09:15:00.000Z',
        fired_at: '2026-11-22T09:21:00.000Z',
      },
      inputs: {},
      startedBy: 'trigger:tick',
      overlap: 'skip',
    })
  })

  test(`${kind}: two runners on one store fire every slot once, and neither falls behind`, async (t) => {
    const it = await setup(t, { kind })
    const other = createScheduler(it.parts)
    for (let i = 0; i < 12; i++) await Promise.all([it.passes(5 * minuteMs), other.pass()])
    await other.pass()
    assert.deepEqual(it.arrived.slots(), [slot('09:15'), slot('09:30'), slot('09:45'), slot('10:00')])
  })
}

test('several that are due at once are all admitted', async (t) => {
  const names = Array.from({ length: 600 }, (_, i) => `f${i}`)
  const it = await setup(t, {
    flows: Object.fromEntries(names.map((name) => [name, schedule('every: 15m')])),
  })
  await it.passes(15 * minuteMs)
  assert.deepEqual(it.arrived.firings.map(({ flow }) => flow).toSorted(), names.toSorted())
})

test('a clock that is set back fires nothing twice', async (t) => {
  const it = await setup(t)
  await it.passes(20 * minuteMs, minuteMs)
  it.clock.set(startMs + 5 * minuteMs)
  await it.passes(20 * minuteMs, minuteMs)
  assert.deepEqual(it.arrived.slots(), [slot('09:15')])
  await it.passes(10 * minuteMs, minuteMs)
  assert.deepEqual(it.arrived.slots(), [slot('09:15'), slot('09:30')])
})

test('a runner that dies between admission and moving on fires the slot once', async (t) => {
  const it = await setup(t)
  await it.passes(15 * minuteMs)
  await it.database.query(`update trigger_state set next_ms = $1`, [startMs + 15 * minuteMs])
  it.restart()
  await it.passes(minuteMs)
  assert.deepEqual(it.arrived.slots(), [slot('09:15')])
})

for (const [words, fired] of [
  ['every: 15m', ['12:00']],
  ['every: 15m, missed: { run: latest, within: 5m }', ['12:00']],
  ['every: 15m, missed: { run: none }', ['12:00']],
  ['every: 15m, missed: { run: all, max: 3 }', ['11:30', '11:45', '12:00']],
  ['every: 15m, missed: { run: all, within: 20m }', ['11:45', '12:00']],
] as const)
  test(`{ ${words} } away for three hours, back on the minute: ${fired.join(' ')}`, async (t) => {
    const it = await setup(t, { flows: { a: schedule(words) } })
    await it.passes(3 * hourMs)
    assert.deepEqual(
      it.arrived.slots(),
      fired.map((time) => slot(time)),
    )
  })

test('a slot that is fired late but not missed fires whatever `missed` says', async (t) => {
  const it = await setup(t, { flows: { a: schedule('every: 15m, missed: { run: none }') } })
  await it.passes(15 * minuteMs + 59_000)
  assert.deepEqual(it.arrived.slots(), [slot('09:15')])
  assert.deepEqual(it.warnings, [])
})

test('a new schedule begins when it is registered: nothing before that was missed', async (t) => {
  const it = await setup(t)
  await it.passes(20 * minuteMs)
  it.arrived.clear()
  await it.apply(headOf({ a: schedule('every: 15m'), b: schedule('every: 10m, missed: { run: all }') }))
  await it.passes(minuteMs)
  assert.deepEqual(it.arrived.slots(), [])
  await it.passes(10 * minuteMs, minuteMs)
  assert.deepEqual(it.arrived.slots(), [slot('09:30', 'b'), slot('09:30')].toSorted())
})

test('a schedule with another rhythm begins anew, one with other words goes on', async (t) => {
  const it = await setup(t, {
    flows: { a: schedule('every: 15m, missed: { run: all }'), b: schedule('every: 15m') },
  })
  await it.passes(14 * minuteMs)
  await it.clock.advance(30 * minuteMs)
  await it.apply(
    headOf({
      a: schedule('every: 5m, missed: { run: all }'),
      b: schedule('every: 15m, missed: { run: all }'),
    }),
  )
  await it.passes(2 * minuteMs)
  assert.deepEqual(
    it.arrived.slots().toSorted(),
    [slot('09:45'), ...['09:15', '09:30', '09:45'].map((time) => slot(time, 'b'))].toSorted(),
  )
})

test('a removed schedule fires no more, and one that comes back begins anew', async (t) => {
  const it = await setup(t, {
    flows: { a: schedule('every: 15m, missed: { run: all }'), b: 'description: nothing' },
  })
  await it.apply(headOf({ b: 'description: nothing' }))
  await it.passes(hourMs)
  assert.deepEqual(it.arrived.slots(), [])
  await it.apply(headOf({ a: schedule('every: 15m, missed: { run: all }') }))
  await it.passes(15 * minuteMs)
  assert.deepEqual(it.arrived.slots(), [slot('10:15')])
})

for (const [what, head] of [
  ['a suspended flow', headOf({ a: `suspend: true\n${schedule('every: 15m, missed: { run: all }')}` })],
  [
    'a suspending policy',
    (() => {
      const plain = headOf({ a: schedule('every: 15m, missed: { run: all }') })
      return { ...plain, policy: { ...plain.policy, suspended: true } }
    })(),
  ],
] as const)
  test(`under ${what} nothing fires, and what passed is not caught up with`, async (t) => {
    const it = await setup(t, { flows: { a: schedule('every: 15m, missed: { run: all }') } })
    await it.apply(head)
    await it.passes(50 * minuteMs, 5 * minuteMs)
    await it.apply(headOf({ a: schedule('every: 15m, missed: { run: all }') }))
    await it.passes(10 * minuteMs, 5 * minuteMs)
    assert.deepEqual(it.arrived.slots(), [slot('10:00')])
  })

test('under the emergency stop slots wait, and after it `missed` decides', async (t) => {
  let stopped = true
  const it = await setup(t, { more: { stopped: () => stopped } })
  await it.passes(50 * minuteMs, 5 * minuteMs)
  assert.deepEqual(it.arrived.slots(), [])
  stopped = false
  await it.pass()
  assert.deepEqual(it.arrived.slots(), [slot('09:45')])
})

test('a runner that is not on duty fires nothing until it is', async (t) => {
  let onDuty = false
  const it = await setup(t, { more: { onDuty: () => onDuty } })
  await it.passes(16 * minuteMs)
  onDuty = true
  await it.pass()
  assert.deepEqual(it.arrived.slots(), [slot('09:15')])
})

test('an admission that fails is tried again, and holds up no other', async (t) => {
  const it = await setup(t, { flows: { a: schedule('every: 15m'), b: schedule('every: 15m') } })
  it.arrived.answers = ['throw']
  await it.passes(15 * minuteMs)
  assert.equal(it.arrived.slots().length, 1)
  await it.passes(1_000)
  assert.deepEqual(it.arrived.slots().toSorted(), [slot('09:15'), slot('09:15', 'b')])
})

test('a refused firing is over: the schedule goes on with the next slot', async (t) => {
  const it = await setup(t)
  it.arrived.answers = [{ refused: 'the one before still runs' }]
  await it.passes(30 * minuteMs, 15 * minuteMs)
  assert.deepEqual(it.arrived.slots(), [slot('09:30')])
})

test('a flow that the store knows and this runner does not yet is left to who knows it', async (t) => {
  const it = await setup(t)
  await register(it.database, headOf({ a: schedule('every: 15m'), b: schedule('every: 15m') }), startMs)
  const other = createScheduler({
    ...it.parts,
    head: () => headOf({ a: schedule('every: 15m'), b: schedule('every: 15m') }),
  })
  await other.pass()
  await it.passes(15 * minuteMs)
  assert.deepEqual(it.arrived.slots(), [slot('09:15')])
  await other.pass()
  assert.deepEqual(it.arrived.slots(), [slot('09:15'), slot('09:15', 'b')])
})

test('`overlap` travels with the firing', async (t) => {
  const it = await setup(t, { flows: { a: schedule('every: 15m, overlap: queue') } })
  await it.passes(15 * minuteMs)
  assert.equal(it.arrived.firings[0]?.overlap, 'queue')
})

test('a schedule far in the future fires on its day', async (t) => {
  const it = await setup(t, { flows: { a: schedule('cron: "0 9 1 1 *", timezone: Asia/Seoul') } })
  await it.passes(39 * 24 * hourMs + 14 * hourMs, 12 * hourMs)
  assert.deepEqual(it.arrived.slots(), [])
  await it.passes(hourMs + minuteMs, minuteMs)
  assert.deepEqual(it.arrived.slots(), ['schedule:a:tick:2027-01-01T00:00:00.000Z'])
})

test('started, it looks by itself, and stopped, it lets the clock alone', async (t) => {
  const it = await setup(t)
  const lateMs: number[] = []
  const scheduler = createScheduler({ ...it.parts, fired: (firing) => lateMs.push(firing.lateMs) })
  scheduler.start()
  while (lateMs.length === 0) await it.clock.advance(1_000)
  await scheduler.stop()
  assert.deepEqual(it.arrived.slots(), [slot('09:15')])
  assert.equal(it.clock.waiting, 0)
})
