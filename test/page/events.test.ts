import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import type { ServerResponse } from 'node:http'
import { test } from 'node:test'
import { freshDatabase } from '../store/bring.ts'
import { serve } from './view.ts'
import { backlogBytesMax, heartbeatMs, listenersMax, makeEvents } from '../../runner/status/events.ts'
import { type Clock, systemClock } from '../../runner/world/clock.ts'

/** A clock whose timers fire when it is moved. */
function handClock(): Clock & { move(ms: number): void } {
  let nowMs = 0
  const timers = new Map<object, { readonly atMs: number; readonly call: () => void }>()
  return {
    ...systemClock,
    now: () => nowMs,
    after: (ms, call) => {
      const key = {}
      timers.set(key, { atMs: nowMs + ms, call })
      return () => timers.delete(key)
    },
    move: (ms) => {
      nowMs += ms
      for (const [key, timer] of timers) {
        if (timer.atMs > nowMs) continue
        timers.delete(key)
        timer.call()
      }
    },
  }
}

function listener(backlog = 0) {
  const written: string[] = []
  const emitter = new EventEmitter()
  const response = Object.assign(emitter, {
    writableLength: backlog,
    gone: false,
    write: (text: string) => written.push(text) > 0,
    end: () => emitter.emit('close'),
    destroy: () => {
      response.gone = true
      emitter.emit('close')
    },
  })
  return { written, response: response as unknown as ServerResponse & { gone: boolean } }
}

function setup() {
  const clock = handClock()
  const events = makeEvents(clock)
  const one = listener()
  events.add(one.response)
  one.written.length = 0
  return { clock, events, written: one.written, response: one.response }
}

test('a change reaches the listener with its topic and id', () => {
  const { clock, events, written } = setup()
  events.notify('run', 'r1')
  clock.move(1_000)
  assert.deepEqual(written, ['event: change\ndata: {"topic":"run","id":"r1"}\n\n'])
})

test('the same change many times is told once', () => {
  const { clock, events, written } = setup()
  for (let n = 0; n < 1_000; n++) events.notify('run', 'r1')
  clock.move(1_000)
  assert.equal(written.join('').match(/event: change/g)?.length, 1)
})

test('a flood of changes is told as one', () => {
  const { clock, events, written } = setup()
  for (let n = 0; n < 10_000; n++) events.notify('run', `r${n}`)
  clock.move(1_000)
  assert.deepEqual(written, ['event: change\ndata: {"topic":"*","id":"*"}\n\n'])
})

test('silence is broken by a heartbeat, again and again', () => {
  const { clock, written } = setup()
  clock.move(heartbeatMs)
  clock.move(heartbeatMs)
  assert.equal(written.filter((text) => text.startsWith('event: beat')).length, 2)
})

test('an id cannot add lines of its own to the stream', () => {
  const { clock, events, written } = setup()
  events.notify('run', 'x\n\nevent: change\ndata: forged')
  clock.move(1_000)
  assert.equal(written.join('').match(/^event: change$/gm)?.length, 1)
})

test('a listener that does not read is let go', () => {
  const { clock, events } = setup()
  const slow = listener(backlogBytesMax + 1)
  events.add(slow.response)
  events.notify('run', 'r1')
  clock.move(1_000)
  assert.equal(slow.response.gone, true)
})

test('beyond the limit there is no room, until one goes', () => {
  const { events, response } = setup()
  for (let n = 1; n < listenersMax; n++) events.add(listener().response)
  assert.equal(events.full, true)
  response.end()
  assert.equal(events.full, false)
})

test('after closing nothing is sent and nobody gets in', () => {
  const { clock, events, written } = setup()
  events.close()
  events.notify('run', 'r1')
  clock.move(heartbeatMs)
  assert.deepEqual(written, [])
  assert.equal(events.full, true)
})

test('over HTTP a browser hears a change, and closing ends the stream', { timeout: 20_000 }, async (t) => {
  const { url, server } = await serve(t, { database: await freshDatabase('postgres', t), nowMs: 1 })
  const response = await fetch(`${url}/events`)
  assert.equal(response.headers.get('content-type'), 'text/event-stream; charset=utf-8')
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  let heard = ''
  server.notify('ticket', 't1')
  while (!heard.includes('event: change')) heard += (await reader.read()).value ?? ''
  assert.match(heard, /data: \{"topic":"ticket","id":"t1"\}/)
  await server.close()
  for (let end = false; !end;) end = (await reader.read()).done
})

test('over HTTP one listener too many is told so', { timeout: 20_000 }, async (t) => {
  const { url } = await serve(t, { database: await freshDatabase('postgres', t), nowMs: 1 })
  const streams = await Promise.all(Array.from({ length: listenersMax }, () => fetch(`${url}/events`)))
  assert.equal((await fetch(`${url}/events`)).status, 503)
  for (const stream of streams) await stream.body?.cancel()
})
