// The embedded database in the data folder: owned by one process, created whole or not at all, durable.

import { closeSync, existsSync, fsyncSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import type { Database } from './database.ts'
import { DurableFolder, durableParams } from './durable-folder.ts'
import { ownFolder } from './owner-lock.ts'
import { pgliteDatabase, pgliteParsers } from './pglite-database.ts'
import type { Log } from '../world/log.ts'

/** Throws `Stop` when another process has the folder. Creates the database if there is none. */
export async function openPglite(dataFolder: string, log: Log): Promise<Database> {
  const lock = ownFolder(dataFolder)
  try {
    const folder = join(dataFolder, 'pgdata')
    if (!existsSync(folder)) {
      log.info({ folder }, 'creating the embedded database')
      await create(dataFolder, folder)
    }
    return pgliteDatabase(await open(folder), () => lock.release())
  } catch (error) {
    lock.release()
    throw error
  }
}

function open(folder: string): Promise<PGlite> {
  return PGlite.create({
    fs: new DurableFolder(folder),
    startParams: [...durableParams],
    parsers: pgliteParsers,
  })
}

async function create(dataFolder: string, folder: string): Promise<void> {
  // Leftovers of a creation that was cut off; we own the folder, so nobody is at it.
  for (const name of readdirSync(dataFolder)) {
    if (name.startsWith('pgdata.new-')) rmSync(join(dataFolder, name), { recursive: true, force: true })
  }
  const fresh = join(dataFolder, `pgdata.new-${process.pid}`)
  const pg = await open(fresh)
  await pg.close()
  renameSync(fresh, folder)
  const parent = openSync(dataFolder, 'r')
  fsyncSync(parent)
  closeSync(parent)
}
