// One process per data folder: two on the same PGlite folder both open it and lose each other's rows silently.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pid } from 'node:process'
import { DatabaseSync } from 'node:sqlite'
import { Stop } from '../model/error.ts'

export interface OwnerLock {
  release(): void
}

/**
 * Takes the folder until `release` or the end of this process, whatever ends it: the lock is SQLite's lock on
 * `owner.lock`, which the kernel drops. Throws `Stop` at once when another process has it. Not for network
 * file systems, whose locks promise less.
 */
export function ownFolder(folder: string): OwnerLock {
  let lock: DatabaseSync | null = null
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    lock = new DatabaseSync(join(folder, 'owner.lock'), { timeout: 0 })
    lock.exec('pragma locking_mode = exclusive; begin exclusive')
    // Beside the lock, because nobody can read a locked SQLite file. Only a hint for people.
    writeFileSync(join(folder, 'owner.pid'), `${pid}\n`)
  } catch (error) {
    lock?.close()
    throw refusal(folder, error)
  }
  const taken = lock
  held.add(taken)
  return {
    release: () => {
      if (held.delete(taken)) taken.close()
    },
  }
}

/** A lock that nobody refers to would be collected, and so released. */
const held = new Set<DatabaseSync>()

function refusal(folder: string, error: unknown): unknown {
  if (!(error instanceof Error)) return error
  if ('errcode' in error && error.errcode === sqliteBusy) {
    return new Stop(
      3,
      `the data folder ${folder} is in use by another process (${holder(folder)})`,
      'stop that runner, or set WATCHBILL_DATA to another folder; many runners need DATABASE_URL',
    )
  }
  return new Stop(
    3,
    `the data folder ${folder} cannot be used: ${error.message}`,
    'make it a folder that this account may write, on a local disk, or set WATCHBILL_DATA to another one',
  )
}

const sqliteBusy = 5

function holder(folder: string): string {
  try {
    const pid = readFileSync(join(folder, 'owner.pid'), 'utf8').trim()
    return /^\d+$/.test(pid) ? `pid ${pid}` : 'pid unknown'
  } catch {
    return 'pid unknown'
  }
}
