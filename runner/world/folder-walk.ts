// From an allowed folder down to a file: folder by folder, each opened below the one before, none through a link.

import { constants, existsSync, type Stats } from 'node:fs'
import { type FileHandle, lstat, mkdir, open, realpath, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { refused } from './file-failure.ts'
import { allowedPath, type FolderRules, type Purpose, within } from './folder-rules.ts'

export interface Found extends AsyncDisposable {
  /** Path to open the file by; on Linux it stays with the opened folder even when somebody moves that. */
  readonly file: string
  /** Path of another name in the same folder. */
  beside(name: string): string
  /** What stands there; null for nothing. Throws for everything that is no regular file. */
  inspect(): Promise<Stats | null>
  /** Throws unless this is a regular file that is not forbidden. */
  admit(stats: Stats): void
  /** Makes the change of a name durable. */
  sync(): Promise<void>
}

/** Folders on the way are made when something is to be written. The caller closes what was found. */
export async function walkTo(rules: FolderRules, path: string, purpose: Purpose): Promise<Found> {
  const { folder, names, file } = allowedPath(rules, path, purpose)
  const closed = await closedTo(rules)
  if (isBelow(closed, folder)) throw isClosed(path)
  if (purpose === 'write') await mkdir(folder, { recursive: true })
  const top = await realpath(folder)
  let at: Opened = { handle: await openFolder(top), path: top }
  try {
    await admitFolder(at, closed, path)
    for (const name of names) {
      const next = await below(at, name, purpose)
      await at.handle.close()
      at = next
      await admitFolder(at, closed, path)
    }
    return found(at, { path, name: file, closed })
  } catch (thrown) {
    await at.handle.close()
    throw thrown
  }
}

interface Opened {
  readonly handle: FileHandle
  /** Where it was when it was opened. */
  readonly path: string
}

interface Closed {
  readonly paths: readonly string[]
  /** `device:inode`, so that no other spelling of a name leads there. */
  readonly inodes: ReadonlySet<string>
}

async function closedTo(rules: FolderRules): Promise<Closed> {
  const paths: string[] = []
  const inodes = new Set<string>()
  for (const forbidden of rules.forbidden.map((path) => resolve(rules.root, path))) {
    const real = await realpath(forbidden).catch(() => null)
    if (real !== null) inodes.add(inode(await stat(real)))
    // What is not there yet is not made either.
    paths.push(
      real ?? join(await realpath(dirname(forbidden)).catch(() => dirname(forbidden)), basename(forbidden)),
    )
  }
  return { paths, inodes }
}

async function below(at: Opened, name: string, purpose: Purpose): Promise<Opened> {
  const place = entry(at, name)
  const opened = (handle: FileHandle): Opened => ({ handle, path: join(at.path, name) })
  try {
    return opened(await openFolder(place))
  } catch (thrown) {
    if (purpose !== 'write' || !isMissing(thrown)) throw thrown
    await mkdir(place).catch((raced: unknown) => {
      if (!isPresent(raced)) throw raced
    })
    return opened(await openFolder(place))
  }
}

function openFolder(path: string): Promise<FileHandle> {
  return open(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW)
}

async function admitFolder(at: Opened, closed: Closed, path: string): Promise<void> {
  const stats = await at.handle.stat()
  if (closed.inodes.has(inode(stats)) || isBelow(closed, at.path)) throw isClosed(path)
  if (throughHandles) return
  // Without paths through open folders, look whether a link has come in between since.
  const now = await lstat(at.path)
  if (inode(now) !== inode(stats) || (await realpath(at.path)) !== at.path)
    throw refused(path, 'was moved while it was used', 'Try again.')
}

function found(
  at: Opened,
  of: { readonly path: string; readonly name: string; readonly closed: Closed },
): Found {
  const { path, name, closed } = of
  const file = entry(at, name)
  if (isBelow(closed, join(at.path, name))) throw isClosed(path)
  const admit = (stats: Stats): void => {
    if (!stats.isFile()) throw refused(path, `is ${whatOf(stats)}`, 'Only regular files are used.')
    if (closed.inodes.has(inode(stats))) throw isClosed(path)
  }
  return {
    file,
    beside: (other) => entry(at, other),
    admit,
    inspect: async () => {
      const stats = await lstat(file).catch((thrown: unknown) => {
        if (isMissing(thrown)) return null
        throw thrown
      })
      if (stats !== null) admit(stats)
      return stats
    },
    sync: () => at.handle.sync(),
    [Symbol.asyncDispose]: () => at.handle.close(),
  }
}

/** Linux opens names below an open folder by this path, whatever happens to the folder's own name meanwhile. */
const throughHandles = existsSync('/proc/self/fd')

function entry({ handle, path }: Opened, name: string): string {
  return throughHandles ? `/proc/self/fd/${handle.fd}/${name}` : join(path, name)
}

function whatOf(stats: Stats): string {
  if (stats.isSymbolicLink()) return 'a link'
  if (stats.isDirectory()) return 'a folder'
  return stats.isFIFO() || stats.isSocket() ? 'a pipe or socket' : 'a device'
}

function isBelow({ paths }: Closed, path: string): boolean {
  return paths.some((forbidden) => within(forbidden, path))
}

function inode({ dev, ino }: Stats): string {
  return `${dev}:${ino}`
}

function isClosed(path: string): Error {
  return refused(path, 'belongs to the runner itself', 'Choose another file: this one no policy opens.')
}

function isMissing(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT'
}

function isPresent(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === 'EEXIST'
}
