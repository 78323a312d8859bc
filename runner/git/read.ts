// The files of a folder at a commit: sizes first, then only what is small enough, each checked against its hash.

import { createHash } from 'node:crypto'
import { Failure } from '../model/error.ts'
import type { SourceFiles } from '../model/revision.ts'
import { type Bytes, Damaged } from './access.ts'
import { GitExit } from './command.ts'
import { filesMax, folderBytesMax, listingBytesMax, otherBytesMax, yamlBytesMax } from './limits.ts'
import { type Listed, type Listing, parseListing, type Refused, refusedFile } from './tree.ts'

export interface Reading {
  /** Path inside the folder → content. */
  readonly files: SourceFiles
  /** What stands in the commit and is not in `files`, with the reason. */
  readonly refused: readonly Refused[]
}

/** Throws `Failure('refused')` when the folder as a whole is too much to read, `Damaged`, or `GitExit`. */
export async function readFolder(bytes: Bytes, commit: string, folder: string): Promise<Reading> {
  const listing = await list(bytes, commit, folder)
  if (listing.regular.length === 0) return { files: new Map(), refused: listing.refused }
  const sizes = await sizesOf(bytes, `${commit}:${folder}`, listing.regular)
  const sizeOf = (file: Listed): number => sizes.get(file.object) ?? Infinity
  const small = listing.regular.filter((file) => sizeOf(file) <= limitOf(file.path))
  const large = listing.regular.filter((file) => sizeOf(file) > limitOf(file.path))
  refuseTooMuch(small.reduce((sum, file) => sum + sizeOf(file), 0))
  const contents = await contentsOf(bytes, small)
  const files = new Map<string, Uint8Array>()
  const refused = [...listing.refused, ...large.map(tooLarge)]
  for (const { path, object } of small) {
    const content = contents.get(object)
    if (content === undefined) throw new Damaged(`object ${object} is not there`)
    if (isLfsPointer(content)) refused.push(lfsPointer(path))
    else files.set(path, content)
  }
  return { files, refused }
}

async function list(bytes: Bytes, commit: string, folder: string): Promise<Listing> {
  const inside = folder === '' ? [] : ['--', `${folder}/`]
  const args = ['ls-tree', '-r', '-z', '--full-tree', commit, ...inside]
  const output = await bytes(args, { outputBytesMax: listingBytesMax }).catch((thrown: unknown) => {
    if (thrown instanceof GitExit && thrown.why === 'output') throw tooMany(folder)
    throw thrown
  })
  const listing = parseListing(output, folder)
  if (listing.regular.length > filesMax) throw tooMany(folder)
  return listing
}

/** Object → bytes. What was too large to be transferred is not in it. */
async function sizesOf(bytes: Bytes, tree: string, files: readonly Listed[]): Promise<Map<string, number>> {
  const walk = ['rev-list', '--objects', '--missing=print', '--no-walk', tree]
  const walked = (await bytes(walk, { outputBytesMax: listingBytesMax })).toString('latin1').split('\n')
  const missing = new Set(walked.filter((line) => line.startsWith('?')).map((line) => line.slice(1)))
  const present = [...new Set(files.map((file) => file.object))].filter((object) => !missing.has(object))
  if (present.length === 0) return new Map()
  const format = '--batch-check=%(objectname) %(objecttype) %(objectsize)'
  const output = await bytes(['cat-file', format], {
    input: `${present.join('\n')}\n`,
    outputBytesMax: listingBytesMax,
  })
  const lines = output.toString('latin1').trimEnd().split('\n')
  return new Map(
    lines.map((line) => {
      const [object = '', type, size] = line.split(' ')
      if (type !== 'blob') throw new Damaged(`object ${object} is ${type ?? 'nothing'}`)
      return [object, Number(size)] as const
    }),
  )
}

/** Object → content, each compared with its hash. */
async function contentsOf(bytes: Bytes, files: readonly Listed[]): Promise<Map<string, Uint8Array>> {
  const objects = [...new Set(files.map((file) => file.object))]
  const contents = new Map<string, Uint8Array>()
  if (objects.length === 0) return contents
  const output = await bytes(['cat-file', '--batch'], {
    input: `${objects.join('\n')}\n`,
    outputBytesMax: 2 * folderBytesMax,
  })
  for (let start = 0; start < output.length;) {
    const end = output.indexOf(10, start)
    const [object = '', type = '', size = ''] = output.toString('latin1', start, end).split(' ')
    if (type !== 'blob') throw new Damaged(`object ${object} is ${type}`)
    const content = output.subarray(end + 1, end + 1 + Number(size))
    if (gitHash(content, object.length) !== object) throw new Damaged(`object ${object} has another content`)
    contents.set(object, content)
    start = end + 2 + content.length
  }
  return contents
}

/** Git's name of a blob: the hash over a header and the content; 40 digits are SHA-1, 64 are SHA-256. */
function gitHash(content: Uint8Array, digits: number): string {
  const hash = createHash(digits === 64 ? 'sha256' : 'sha1')
  return hash.update(`blob ${content.length}\0`).update(content).digest('hex')
}

export function isYaml(path: string): boolean {
  return /\.ya?ml$/.test(path)
}

function limitOf(path: string): number {
  return isYaml(path) ? yamlBytesMax : otherBytesMax
}

const lfsHeader = Buffer.from('version https://git-lfs.github.com/spec/')

function isLfsPointer(content: Uint8Array): boolean {
  return content.length < 1_024 && lfsHeader.equals(content.subarray(0, lfsHeader.length))
}

function lfsPointer(path: string): Refused {
  return refusedFile(path, {
    code: 'file-lfs-pointer',
    message: 'this is a Git LFS pointer; the content itself is not in the repository',
    hint: 'Take the file out of LFS',
  })
}

function tooLarge({ path }: Listed): Refused {
  return refusedFile(path, {
    code: 'file-too-large',
    message: `the file is larger than ${limitOf(path) / 1024} KiB and was not read`,
    hint: 'Split it, or keep it outside this folder',
  })
}

function refuseTooMuch(totalBytes: number): void {
  if (totalBytes <= folderBytesMax) return
  throw new Failure('refused', `the folder holds more than ${folderBytesMax / 1024 / 1024} MiB`, {
    remedy: 'Keep only flows, prompts and knowledge in it.',
  })
}

function tooMany(folder: string): Failure {
  return new Failure('refused', `the folder ${folder || '.'} holds more than ${filesMax} files`, {
    remedy: 'Keep only flows, prompts and knowledge in it.',
  })
}
