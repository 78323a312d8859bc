// A server that is gone or full for a while: what runs is finished or taken up again, and nothing is done twice.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import pg from 'pg'
import { again, inWeather, mostPerKey } from './in-weather.ts'
import { later } from './later.ts'
import { ownServer } from './own-server.ts'
import { systemClock } from '../../runner/world/clock.ts'

test('a restart of the server costs no run', async (t) => {
  const server = await ownServer(t)
  const { start, ended, spies } = await inWeather(t, server.url)
  const starting = start(20)
  await again(async () => assert.ok((spies[0]?.calls.length ?? 0) > 0))
  await server.stop()
  await server.start()
  const ends = await ended(await starting)
  assert.deepEqual(
    ends.filter((status) => status !== 'succeeded' && status !== 'parked'),
    [],
  )
  assert.equal(mostPerKey(spies[2]), 1)
})

test('an outage longer than anybody waits: runs are taken up again, an effect in the act is asked for', async (t) => {
  const server = await ownServer(t)
  const worked = Promise.withResolvers<void>()
  const { runner, start, ended, spies } = await inWeather(t, server.url, worked.promise)
  const [run] = await start(1)
  await again(async () => assert.equal(spies[2]?.calls.length, 1))
  await server.stop()
  worked.resolve()
  // The outcome was tried again three times, then the run was given up.
  await again(async () => assert.equal(runner.worker.used, 0))
  await server.start()
  assert.deepEqual(await ended([run ?? '']), ['parked'])
  const [ticket] = await runner.engine.tickets.list({ run: run ?? '' })
  assert.equal(ticket?.kind, 'unknown')
  assert.equal(mostPerKey(spies[2]), 1)
})

test('a server without a free connection is waited for', async (t) => {
  const server = await ownServer(t, { max_connections: '12', superuser_reserved_connections: '0' })
  const { start, ended, spies } = await inWeather(t, server.url)
  const hogs = Array.from({ length: 12 }, () => new pg.Client({ connectionString: server.url }))
  later(t, () => Promise.allSettled(hogs.map((hog) => hog.end())))
  await Promise.allSettled(hogs.map((hog) => hog.connect()))
  const starting = start(20)
  await systemClock.sleep(300)
  await Promise.allSettled(hogs.map((hog) => hog.end()))
  const ends = await ended(await starting)
  assert.deepEqual(
    ends.filter((status) => status !== 'succeeded' && status !== 'parked'),
    [],
  )
  assert.equal(mostPerKey(spies[2]), 1)
})
