// The bare mirror on disk: made when missing, thrown away when damaged, freed of locks that a crash left behind.

import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../world/clock.ts'
import type { Log } from '../world/log.ts'
import { whileLocked } from './lock.ts'

export interface Mirror {
  /** The data folder: it exists, and Git is started there. */
  readonly folder: string
  readonly gitDir: string
  readonly configFile: string
  /** The folder and the settings are there. */
  ready(): Promise<void>
  /** Nobody else, here or in another process, changes the mirror while `work` runs. */
  alone<Result>(work: () => Promise<Result>): Promise<Result>
  /** Only inside `alone`. */
  exists(): Promise<boolean>
  /** Removes it; everything in it can be fetched again. Only inside `alone`. */
  discard(): Promise<void>
  /** Removes lock files older than a minute. Only inside `alone`. */
  freeLocks(): Promise<void>
}

export interface MirrorParts {
  readonly folder: string
  /** Content of the settings that Git sees in the place of the user's. */
  readonly config: string
  readonly clock: Clock
  readonly log: Log
}

/** Git renames its lock files away within moments; one this old belongs to a process that died. */
export const lockAgeMsMax = 60_000
const waitMsMax = 60_000

export function createMirror(parts: MirrorParts): Mirror {
  const { folder, clock, log } = parts
  const gitDir = join(folder, 'mirror.git')
  const configFile = join(folder, 'mirror.config')
  const lock = { file: join(folder, 'mirror.lock'), waitMs: waitMsMax, clock }
  let turn: Promise<unknown> = Promise.resolve()
  let prepared: Promise<void> | null = null

  async function prepare(): Promise<void> {
    await mkdir(folder, { recursive: true })
    await whileLocked(lock, async () => {
      await writeFile(`${configFile}.new`, parts.config)
      await rename(`${configFile}.new`, configFile)
    })
  }
  const ready = (): Promise<void> => (prepared ??= prepare())

  return {
    folder,
    gitDir,
    configFile,
    ready,
    alone: (work) => {
      const next = turn.then(async () => {
        await ready()
        return whileLocked(lock, work)
      })
      turn = next.catch(() => {})
      return next
    },
    exists: async () => (await stat(join(gitDir, 'HEAD')).catch(() => null)) !== null,
    discard: async () => {
      log.warn({ folder: gitDir }, 'the mirror of the repository is damaged; it is fetched anew')
      await rm(gitDir, { recursive: true, force: true })
    },
    freeLocks: async () => {
      for (const file of await staleLocks(gitDir, clock.now() - lockAgeMsMax)) {
        log.warn({ file }, 'removed a lock file that a dead Git process left')
        await rm(file, { force: true })
      }
    },
  }
}

/** Objects are not searched: their folder is large and Git locks nothing but its own lists there. */
async function staleLocks(gitDir: string, beforeMs: number): Promise<string[]> {
  const entries = await readdir(gitDir, { withFileTypes: true }).catch(() => [])
  const inRefs = await readdir(join(gitDir, 'refs'), { recursive: true, withFileTypes: true }).catch(() => [])
  const locks = [...entries, ...inRefs]
    .filter((entry) => entry.isFile() && entry.name.endsWith('.lock'))
    .map((entry) => join(entry.parentPath, entry.name))
  const ages = await Promise.all(locks.map((file) => stat(file).catch(() => null)))
  return locks.filter((_, i) => (ages[i]?.mtimeMs ?? Infinity) < beforeMs)
}
