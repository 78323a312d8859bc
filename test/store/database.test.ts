// What every database promises, the same on both.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { freshDatabase, kinds } from './bring.ts'
import { DatabaseError, json } from '../../runner/store/database.ts'

const insert = 'insert into meta (name, value) values ($1, $2)'

for (const kind of kinds) {
  test(`${kind}: a transaction that resolves is kept, with its result`, async (t) => {
    const database = await freshDatabase(kind, t)
    const result = await database.transaction(async (tx) => {
      await tx.query(insert, ['a', json(1)])
      return 'done'
    })
    assert.equal(result, 'done')
    assert.deepEqual(await database.query('select name, value from meta', []), [{ name: 'a', value: 1 }])
  })

  test(`${kind}: a transaction whose work throws leaves nothing and rejects with what was thrown`, async (t) => {
    const database = await freshDatabase(kind, t)
    const thrown = new Error('mine')
    const rejected = database.transaction(async (tx) => {
      await tx.query(insert, ['a', json(1)])
      throw thrown
    })
    await assert.rejects(rejected, (error) => error === thrown)
    assert.deepEqual(await database.query('select name from meta', []), [])
  })

  test(`${kind}: a transaction in which an error was swallowed rejects instead of keeping a part`, async (t) => {
    const database = await freshDatabase(kind, t)
    const rejected = database.transaction(async (tx) => {
      await tx.query(insert, ['a', json(1)])
      await tx.query(insert, ['a', json(2)]).catch(() => {})
    })
    await assert.rejects(rejected, DatabaseError)
    assert.deepEqual(await database.query('select name from meta', []), [])
  })

  test(`${kind}: a statement outside never sees what a transaction has not committed`, async (t) => {
    const database = await freshDatabase(kind, t)
    const written = Promise.withResolvers<void>()
    const looked: Promise<unknown[]>[] = []
    const open = database.transaction(async (tx) => {
      await tx.query(insert, ['a', json(1)])
      written.resolve()
      await tx.query('select 1', [])
      throw new Error('rolled back')
    })
    await written.promise
    looked.push(database.query('select name from meta', []))
    await assert.rejects(open)
    assert.deepEqual(await looked[0], [])
  })

  test(`${kind}: transactions at once lose no update`, async (t) => {
    const database = await freshDatabase(kind, t)
    await database.query(insert, ['n', json(0)])
    const add = `update meta set value = to_jsonb(value::int + 1) where name = 'n'`
    await Promise.all(Array.from({ length: 30 }, () => database.transaction((tx) => tx.query(add, []))))
    assert.deepEqual(await database.query('select value from meta', []), [{ value: 30 }])
  })

  for (const [what, use] of [
    ['a statement', 'query'],
    ['a second transaction', 'transaction'],
    ['listening', 'listen'],
  ] as const) {
    test(`${kind}: ${what} of the database inside a transaction is refused instead of hanging`, async (t) => {
      const database = await freshDatabase(kind, t)
      const rejected = database.transaction(async () => {
        if (use === 'query') await database.query('select 1', [])
        else if (use === 'transaction') await database.transaction(async () => {})
        else
          await database.listen(
            'channel',
            () => {},
            () => {},
          )
      })
      await assert.rejects(rejected, /inside the work of a transaction/)
    })
  }

  test(`${kind}: work that outlives its transaction may use the database again`, async (t) => {
    const database = await freshDatabase(kind, t)
    const ended = Promise.withResolvers<void>()
    let later: Promise<unknown[]> = Promise.resolve([])
    await database.transaction(async () => {
      later = ended.promise.then(() => database.query('select 1 as one', []))
    })
    ended.resolve()
    assert.deepEqual(await later, [{ one: 1 }])
  })

  test(`${kind}: a script of several statements runs when there is no list of parameters`, async (t) => {
    const database = await freshDatabase(kind, t)
    const rows = await database.query(
      `insert into meta values ('a', '1'); select name from meta; select 2 as two`,
    )
    assert.deepEqual(rows, [{ name: 'a' }, { two: 2 }])
  })

  test(`${kind}: a script that fails in its own transaction leaves the database usable`, async (t) => {
    const database = await freshDatabase(kind, t)
    const script = database.query(`begin; insert into meta values ('a', '1'); select 1 / 0; commit`)
    const after = Array.from({ length: 5 }, () => database.query('select 1 as one', []))
    await assert.rejects(script, DatabaseError)
    for (const one of after) assert.deepEqual(await one, [{ one: 1 }])
    assert.deepEqual(await database.query('select name from meta', []), [])
  })

  test(`${kind}: a message is heard once its transaction has committed`, async (t) => {
    const database = await freshDatabase(kind, t)
    const heard: string[] = []
    const last = Promise.withResolvers<void>()
    const hear = (payload: string): void => {
      heard.push(payload)
      if (payload === 'last') last.resolve()
    }
    await database.listen('channel', hear, () => {})
    const notify = (payload: string): Promise<unknown> =>
      database.query(`select pg_notify('channel', $1)`, [payload])
    const rolledBack = database.transaction(async (tx) => {
      await tx.query(`select pg_notify('channel', 'never')`, [])
      throw new Error('no')
    })
    await assert.rejects(rolledBack)
    await notify('')
    await notify('last')
    await last.promise
    assert.deepEqual(heard, ['', 'last'])
  })

  test(`${kind}: who stopped listening hears nothing more, others do`, async (t) => {
    const database = await freshDatabase(kind, t)
    const heard: string[] = []
    const second = Promise.withResolvers<void>()
    const stop = await database.listen(
      'channel',
      () => heard.push('first'),
      () => {},
    )
    await database.listen(
      'channel',
      () => second.resolve(),
      () => {},
    )
    await stop()
    await database.query(`notify channel`, [])
    await second.promise
    assert.deepEqual(heard, [])
  })

  test(`${kind}: a lock has one holder until it is released`, async (t) => {
    const database = await freshDatabase(kind, t)
    const lock = await database.holdLock(7n)
    assert.equal(await database.holdLock(7n), null)
    assert.notEqual(await database.holdLock(8n), null)
    await lock?.release()
    assert.notEqual(await database.holdLock(7n), null)
  })

  test(`${kind}: the keys of held locks are told, large and negative ones too`, async (t) => {
    const database = await freshDatabase(kind, t)
    const keys = [1n, -1n, 2n ** 62n, -(2n ** 63n), 2n ** 32n]
    const locks = []
    for (const key of keys) locks.push(await database.holdLock(key))
    assert.deepEqual(await database.heldLocks(), new Set(keys))
    await locks[0]?.release()
    assert.deepEqual(await database.heldLocks(), new Set(keys.slice(1)))
  })

  test(`${kind}: closing twice is closing once`, async (t) => {
    const database = await freshDatabase(kind, t)
    await Promise.all([database.close(), database.close()])
    await assert.rejects(database.query('select 1', []))
  })
}
