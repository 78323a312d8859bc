// A newer program upgraded the store: an older one goes on where the migration says that it may, else it does not start.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { freshDatabase, kinds } from './bring.ts'
import { laterMigrations } from './later-migrations.ts'
import { watchSchema } from '../../runner/assembly/schema-watch.ts'
import { Stop } from '../../runner/model/error.ts'
import { migrate, schemaNow } from '../../runner/store/migrate.ts'
import { fakeClock } from '../fakes/clock.ts'
import { silentLog } from '../../runner/world/log.ts'

for (const kind of kinds) {
  test(`${kind}: an older program starts on a store whose newer migrations are all compatible, and hears of them`, async (t) => {
    const database = await freshDatabase(kind, t)
    await migrate(database, 0, laterMigrations(t, '-- compatible: yes'))
    const { beyond, foreign } = await migrate(database, 0)
    assert.equal(beyond.length, 1)
    assert.match(beyond[0] ?? '', /later/)
    assert.equal(foreign, null)
  })

  for (const first of ['-- compatible: no', '-- nothing is said']) {
    test(`${kind}: with a newer migration that begins with “${first}” an older program does not start`, async (t) => {
      const database = await freshDatabase(kind, t)
      await migrate(database, 0, laterMigrations(t, first))
      await assert.rejects(migrate(database, 0), (error) => error instanceof Stop && error.exitCode === 3)
    })
  }

  test(`${kind}: a store from before migrations said whether they are compatible is read and upgraded`, async (t) => {
    const database = await freshDatabase(kind, t)
    await database.query('alter table migration drop column compatible')
    const { known } = await migrate(database, 0)
    await migrate(database, 0, laterMigrations(t, '-- compatible: yes'))
    assert.equal((await schemaNow(database, known)).foreign, null)
    assert.equal((await schemaNow(database, known - 1)).foreign?.startsWith(`000${known}`), true)
  })

  test(`${kind}: files that an update brings into the folder of a running program are not taken for known`, async (t) => {
    const database = await freshDatabase(kind, t)
    const schema = await migrate(database, 0)
    const clock = fakeClock(0, () => new Promise((resolve) => setTimeout(resolve, 20)))
    const watch = watchSchema({ database, clock, log: silentLog, schema })
    t.after(() => watch.stop())
    await migrate(database, 0, laterMigrations(t, '-- compatible: no'))
    await clock.advance(5_000)
    assert.match(await watch.outdated, /later/)
  })
}
