// Files inside the folders that the operator allows; never through a link, never a pipe or a device.

import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { open, rename, unlink, type FileHandle } from 'node:fs/promises'
import { asFailure, refused } from './file-failure.ts'
import type { FolderRules } from './folder-rules.ts'
import { type Found, walkTo } from './folder-walk.ts'
import type { Folder } from '../model/action.ts'
import { Failure } from '../model/error.ts'

export const fileLimits = {
  readBytesMax: 8_388_608,
  writeBytesMax: 4_194_304,
  /** Beyond this nothing more is added to the end of a file. */
  appendToBytesMax: 268_435_456,
} as const

interface Seen {
  readonly bytes: number
  readonly modifiedMs: number
}

export function createFolder(rules: FolderRules): Folder {
  return {
    read: (path, bytesMax) => attempt(path, () => read(rules, path, bytesMax)),
    write: (path, content) => attempt(path, () => write(rules, path, content)),
    append: (path, content) => attempt(path, () => append(rules, path, content)),
    stat: (path) => attempt(path, () => stat(rules, path)),
  }
}

async function attempt<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (thrown) {
    throw asFailure(thrown, path)
  }
}

async function read(rules: FolderRules, path: string, bytesMax: number): Promise<string> {
  const limit = Math.min(bytesMax, fileLimits.readBytesMax)
  await using found = await walkTo(rules, path, 'read')
  // Without waiting: opening a pipe that nobody writes to would never end.
  await using file = await openFile(found, constants.O_RDONLY | constants.O_NONBLOCK, path)
  const bytes = await readAtMost(file, limit + 1)
  if (bytes.length > limit)
    throw refused(path, `is larger than ${limit} bytes`, 'Raise the limit of the step, or read less.')
  return decoded(bytes, path)
}

/** Files of the kernel say that they are empty, so the end is where reading ends. */
async function readAtMost(file: FileHandle, bytesMax: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  for (let bytes = 0; bytes < bytesMax;) {
    const chunk = Buffer.alloc(Math.min(65_536, bytesMax - bytes))
    const { bytesRead } = await file.read(chunk, 0, chunk.length, null)
    if (bytesRead === 0) break
    chunks.push(chunk.subarray(0, bytesRead))
    bytes += bytesRead
  }
  return Buffer.concat(chunks)
}

function decoded(bytes: Uint8Array, path: string): string {
  let text: string | null = null
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    // Falls through: the same answer as for NUL, which no record can hold.
  }
  if (text !== null && !text.includes('\0')) return text
  throw new Failure('invalid', `${JSON.stringify(path)} is not UTF-8 text`, {
    remedy: 'Only text files can be read.',
    effect: 'none',
  })
}

async function write(rules: FolderRules, path: string, content: string): Promise<void> {
  checkSize(path, content)
  await using found = await walkTo(rules, path, 'write')
  const before = await found.inspect()
  const temporary = found.beside(`.${randomUUID()}.tmp`)
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
  try {
    await using file = await open(temporary, flags, 0o666)
    if (before !== null) await file.chmod(before.mode & 0o777)
    await file.writeFile(content)
    await file.sync()
    await rename(temporary, found.file)
    await found.sync()
  } catch (thrown) {
    await unlink(temporary).catch(() => {})
    throw thrown
  }
}

async function append(rules: FolderRules, path: string, content: string): Promise<void> {
  checkSize(path, content)
  await using found = await walkTo(rules, path, 'write')
  const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK
  await using file = await openFile(found, flags, path)
  const { size, nlink } = await file.stat()
  if (nlink > 1) throw refused(path, 'has a second name elsewhere', 'Write to a file of its own.')
  if (size + Buffer.byteLength(content) > fileLimits.appendToBytesMax)
    throw refused(
      path,
      `would grow beyond ${fileLimits.appendToBytesMax} bytes`,
      'Begin a new file, for example one a day.',
    )
  await file.appendFile(content)
  await file.sync()
}

async function stat(rules: FolderRules, path: string): Promise<Seen | null> {
  await using found = await walkTo(rules, path, 'look').catch((thrown: unknown) => {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return null
    throw thrown
  })
  if (found === null) return null
  const stats = await found.inspect()
  return stats === null ? null : { bytes: stats.size, modifiedMs: Math.floor(stats.mtimeMs) }
}

/** Looks before and after opening: what stands there now must be a regular file that nobody closed to us. */
async function openFile(found: Found, flags: number, path: string): Promise<FileHandle> {
  await found.inspect()
  const file = await open(found.file, flags | constants.O_NOFOLLOW, 0o666)
  try {
    found.admit(await file.stat())
    return file
  } catch (thrown) {
    await file.close()
    throw asFailure(thrown, path)
  }
}

function checkSize(path: string, content: string): void {
  const bytes = Buffer.byteLength(content)
  if (bytes > fileLimits.writeBytesMax)
    throw refused(
      path,
      `would be written with ${bytes} bytes`,
      `At most ${fileLimits.writeBytesMax} are written at once.`,
    )
}
