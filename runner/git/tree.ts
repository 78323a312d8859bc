// What stands in a folder of a commit, as `git ls-tree -r -z` lists it, and what of it may be read.

import type { Problem } from '../model/problem.ts'
import { nameBytesMax, pathBytesMax } from './limits.ts'

export interface Listed {
  /** Inside the folder. */
  readonly path: string
  readonly object: string
}

/** A file that stands in the commit and is not read. */
export interface Refused {
  readonly path: string
  readonly problem: Problem
}

export interface Listing {
  readonly regular: readonly Listed[]
  readonly refused: readonly Refused[]
}

/** @param output of `ls-tree -r -z --full-tree <commit> <folder>/`; `folder` without a slash at the end */
export function parseListing(output: Uint8Array, folder: string): Listing {
  const entries = rawEntries(output, folder).filter((entry) => !entry.path.split('/').some(isHidden))
  const colliding = collisions(entries.map((entry) => entry.path))
  const refused: Refused[] = []
  const regular: Listed[] = []
  for (const entry of entries) {
    const why = whyNot(entry, colliding.get(entry.path))
    if (why === null) regular.push({ path: entry.path, object: entry.object })
    else refused.push(refusedFile(entry.path, why))
  }
  return { regular, refused }
}

interface RawEntry extends Listed {
  readonly mode: string
  /** Whether the path was valid UTF-8. */
  readonly text: 'valid' | 'broken'
}

function rawEntries(output: Uint8Array, folder: string): RawEntry[] {
  const entries: RawEntry[] = []
  const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  const buffer = Buffer.from(output.buffer, output.byteOffset, output.byteLength)
  for (let start = 0; start < buffer.length;) {
    const tab = buffer.indexOf(9, start)
    const end = buffer.indexOf(0, tab)
    const [mode = '', , object = ''] = buffer.toString('latin1', start, tab).split(' ')
    const bytes = buffer.subarray(tab + 1, end)
    start = end + 1
    let text: RawEntry['text'] = 'valid'
    let path = ''
    try {
      path = strict.decode(bytes)
    } catch {
      path = bytes.toString('utf8')
      text = 'broken'
    }
    entries.push({ mode, object, text, path: path.slice(folder === '' ? 0 : folder.length + 1) })
  }
  return entries
}

/** Editors' and Git's own files; nothing of ours starts with a dot. */
function isHidden(name: string): boolean {
  return name.startsWith('.')
}

/** Path → another path that differs from it only in case or in Unicode form. */
function collisions(paths: readonly string[]): Map<string, string> {
  const seen = new Map<string, string>()
  const found = new Map<string, string>()
  for (const path of paths) {
    const folded = path.normalize('NFC').toLowerCase()
    const other = seen.get(folded)
    if (other === undefined) seen.set(folded, path)
    else {
      found.set(path, other)
      if (!found.has(other)) found.set(other, path)
    }
  }
  return found
}

type Why = Pick<Problem, 'code' | 'message'> & { readonly hint: string }

function whyNot(entry: RawEntry, collidesWith: string | undefined): Why | null {
  const name = whyNotName(entry)
  if (name !== null) return { code: 'file-name', message: name, hint: 'Rename it' }
  const kind = { '120000': 'a symbolic link', '160000': 'a submodule' }[entry.mode]
  if (kind !== undefined)
    return {
      code: 'file-not-regular',
      message: `this is ${kind}, which is never followed`,
      hint: 'Put the file itself here',
    }
  if (collidesWith === undefined) return null
  return {
    code: 'file-name-collision',
    message: `${entry.path} and ${collidesWith} differ only in case, and some machines see one file`,
    hint: 'Rename one of them',
  }
}

function whyNotName(entry: RawEntry): string | null {
  const names = entry.path.split('/')
  if (entry.text === 'broken') return 'the name is not valid UTF-8'
  if (Buffer.byteLength(entry.path) > pathBytesMax) return `the path is longer than ${pathBytesMax} bytes`
  if (names.some((name) => Buffer.byteLength(name) > nameBytesMax))
    return `the name is longer than ${nameBytesMax} bytes`
  if (names.some((name) => name.startsWith('-')))
    return 'the name starts with a dash and would read as an option'
  if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\\]/u.test(entry.path))
    return 'the name holds a backslash, or characters that cannot be seen'
  return null
}

const shownPathCharactersMax = 200

/** In the problem, an absurdly long path is cut. */
export function refusedFile(path: string, why: Why): Refused {
  const file = path.length > shownPathCharactersMax ? `${path.slice(0, shownPathCharactersMax)}…` : path
  return { path, problem: { severity: 'error', place: { file, line: 1, column: 1 }, ...why } }
}
