// From the files that were read to a revision, with the files that were not read as broken ones.

import { loadRevision } from '../flow/load.ts'
import type { Action } from '../model/action.ts'
import type { Commit } from '../model/id.ts'
import type { Problem } from '../model/problem.ts'
import type { Revision } from '../model/revision.ts'
import { isYaml, type Reading } from './read.ts'

export interface ReadCommit {
  readonly commit: Commit
  readonly folder: string
  readonly reading: Reading
}

/** A flow whose file was refused is broken, not removed: it keeps its last good version. */
export function revisionOf({ commit, folder, reading }: ReadCommit, actions: readonly Action[]): Revision {
  const refused = reading.refused.filter(({ path }) => isYaml(path))
  // Which paths are flows is decided in one place; an empty file is broken there, and says why here.
  const files = new Map([...reading.files, ...refused.map(({ path }) => [path, nothing] as const)])
  const revision = loadRevision({ commit, files }, actions)
  const paths = new Set(refused.map(({ path }) => path))
  const problems = revision.problems.filter(({ place }) => !paths.has(place.file))
  const own = [...reading.refused.map(({ problem }) => problem), ...noFolder(folder, reading)]
  return { ...revision, problems: [...own, ...problems] }
}

const nothing = new Uint8Array()

function noFolder(folder: string, { files, refused }: Reading): readonly Problem[] {
  if (files.size > 0 || refused.length > 0) return []
  const file = folder === '' ? '.' : folder
  return [
    {
      code: 'file-missing',
      severity: 'error',
      place: { file, line: 1, column: 1 },
      message: `the commit has no files in the folder ${file}`,
      hint: 'commit a flow there, or name another folder with WATCHBILL_DIR',
    },
  ]
}
