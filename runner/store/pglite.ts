// The embedded database in the data folder: owned by one process, created whole or not at all, durable.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { execArgv, execPath, pid } from 'node:process'
import { text } from 'node:stream/consumers'
import type { Database } from './database.ts'
import { openDurable, syncPath } from './durable-folder.ts'
import { ownFolder } from './owner-lock.ts'
import { careForPglite } from './pglite-care.ts'
import { pgliteDatabase, pgliteParsers } from './pglite-database.ts'
import { Stop } from '../model/error.ts'
import { systemClock } from '../world/clock.ts'
import type { Log } from '../world/log.ts'

/** Throws `Stop` when another process has the folder. Creates the database if there is none. */
export async function openPglite(dataFolder: string, log: Log): Promise<Database> {
  const lock = ownFolder(dataFolder)
  try {
    const folder = join(dataFolder, 'pgdata')
    removeLeftovers(dataFolder)
    if (!existsSync(folder)) {
      log.info({ folder }, 'creating the embedded database')
      await create(dataFolder, folder)
    }
    const pg = await open(folder)
    const stopCare = careForPglite(pg, { clock: systemClock, log })
    return pgliteDatabase(pg, { closing: stopCare, closed: () => lock.release() })
  } catch (error) {
    lock.release()
    throw error
  }
}

const unfinished = 'pgdata.new-'

/** Of creations that were cut off. We own the folder, so nobody else makes one. */
function removeLeftovers(dataFolder: string): void {
  for (const name of readdirSync(dataFolder)) {
    if (!name.startsWith(unfinished)) continue
    // Again if it changes meanwhile: the process that makes it may outlive its parent for a moment.
    rmSync(join(dataFolder, name), { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
  }
}

/** In a child, under another name until it is whole and on the disk. */
async function create(dataFolder: string, folder: string): Promise<void> {
  const fresh = join(dataFolder, `${unfinished}${pid}`)
  const program = join(import.meta.dirname, 'create-pglite.ts')
  const child = spawn(execPath, [...execArgv, program, fresh], {
    stdio: ['pipe', 'ignore', 'pipe'],
    env: {},
  })
  const [complaint, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')])
  if (code !== 0) throw cannotCreate(folder, complaint)
  renameSync(fresh, folder)
  syncPath(dataFolder)
}

async function open(folder: string): ReturnType<typeof openDurable> {
  try {
    return await openDurable(folder, pgliteParsers)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new Stop(
      3,
      `the embedded database in ${folder} does not open: ${why}`,
      'check that the disk has space and that the folder is writable; else restore a backup of it',
    )
  }
}

function cannotCreate(folder: string, complaint: string): Stop {
  const why = /^\w*Error.*$/m.exec(complaint)?.[0] ?? 'the process that creates it was ended'
  return new Stop(
    3,
    `the embedded database in ${folder} could not be created: ${why}`,
    'check that the disk has 100 MB of space and that the folder is writable',
  )
}
