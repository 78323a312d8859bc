// A process that owns a data folder, for tests that kill it. Says `open`, or the error as JSON; with a second
// argument `write` it then inserts rows for ever and says each name after it was acknowledged.

import { type Database, json } from '../../runner/store/database.ts'
import { openDatabase } from '../../runner/store/open.ts'
import { silentLog } from '../../runner/world/log.ts'
import { Stop } from '../../runner/model/error.ts'

const [dataFolder, what] = process.argv.slice(2)
if (dataFolder === undefined) throw new Error('see the header')

try {
  const database = await openDatabase({ databaseUrl: null, dataFolder, log: silentLog })
  console.log('open')
  // Lives until the test ends it, or dies.
  process.stdin.resume()
  if (what === 'write') await write(database)
} catch (error) {
  if (!(error instanceof Stop)) throw error
  console.log(json({ exitCode: error.exitCode, message: error.message, remedy: error.remedy }))
}

async function write(database: Database): Promise<never> {
  for (let n = 0; ; n++) {
    await database.transaction(async (tx) => {
      await tx.query('insert into meta (name, value) values ($1, $2)', [`a${n}`, json(n)])
      await tx.query('insert into meta (name, value) values ($1, $2)', [`b${n}`, json(n)])
    })
    console.log(n)
  }
}
