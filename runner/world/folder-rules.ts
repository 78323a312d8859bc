// Which folder of the policy a path lies in, by its words alone.

import { isAbsolute, relative, resolve, sep } from 'node:path'
import { refused } from './file-failure.ts'
import { Failure } from '../model/error.ts'
import { impossible } from '../model/impossible.ts'

export interface FolderRules {
  /** Where relative paths begin; absolute. */
  readonly root: string
  /** Folders, relative to the root or absolute. */
  readonly read: readonly string[]
  readonly write: readonly string[]
  /** Folders and files that stay closed wherever they lie, absolute: the data folder above all. */
  readonly forbidden: readonly string[]
}

/** `look`: only whether it is there. */
export type Purpose = 'read' | 'write' | 'look'

export interface AllowedPath {
  /** The folder that the operator allows, absolute. */
  readonly folder: string
  /** Folders below it, in order. */
  readonly names: readonly string[]
  /** Name of the file. */
  readonly file: string
}

export const pathLimits = { charactersMax: 1_024, depthMax: 32 } as const

/** Splits a path at the deepest folder that is allowed for the purpose; throws when there is none. */
export function allowedPath(rules: FolderRules, path: string, purpose: Purpose): AllowedPath {
  checkPath(path)
  const full = resolve(rules.root, path)
  const folder = foldersFor(rules, purpose)
    .map((allowed) => resolve(rules.root, allowed))
    .filter((allowed) => within(allowed, full) && allowed !== full)
    .sort((a, b) => b.length - a.length)[0]
  if (folder === undefined) throw outside(path, purpose)
  const names = relative(folder, full).split(sep)
  // What lies there decides what programs run and where a repository is sent.
  if (names.some((name) => name.toLowerCase() === '.git'))
    throw refused(path, 'lies inside a Git folder', 'Choose another file: this one no policy opens.')
  const file = names.pop() ?? ''
  return { folder, names, file }
}

/** Whether a path is a folder itself or lies below it; both absolute. */
export function within(folder: string, path: string): boolean {
  const way = relative(folder, path)
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way))
}

function foldersFor({ read, write }: FolderRules, purpose: Purpose): readonly string[] {
  switch (purpose) {
    case 'read':
      return read
    case 'write':
      return write
    case 'look':
      return [...read, ...write]
    default:
      return impossible(purpose)
  }
}

function checkPath(path: string): void {
  const names = path.split('/')
  if (path.length > pathLimits.charactersMax || names.length > pathLimits.depthMax)
    throw invalid(`is longer than ${pathLimits.charactersMax} characters or ${pathLimits.depthMax} folders`)
  if (path === '' || path.endsWith('/')) throw invalid(`${JSON.stringify(path)} names no file`)
  if (path.includes('\0')) throw invalid(`${JSON.stringify(path)} holds a NUL character`)
  if (names.includes('..')) throw refused(path, 'goes up with `..`', 'Give the path without `..`.')
}

function invalid(message: string): Failure {
  return new Failure('invalid', `The path ${message}`, { effect: 'none' })
}

function outside(path: string, purpose: Purpose): Failure {
  const list = purpose === 'look' ? 'files' : `files.${purpose}`
  return refused(
    path,
    'lies in no folder that the policy allows',
    `Name its folder under \`${list}\` in the policy.`,
  )
}
