// The files beside the flows, and which of them one flow asked for.

import { sha256 } from '../model/digest.ts'
import type { Problem } from '../model/problem.ts'
import type { SourceFiles } from '../model/revision.ts'
import type { Files } from './bench.ts'
import { decode } from './decode.ts'

/** Content hash of a file at one commit, computed once; null when there is none. */
export interface Hashes {
  of(path: string): string | null
}

export function hashesOf(files: SourceFiles): Hashes {
  const known = new Map<string, string | null>()
  return {
    of: (path) => {
      const remembered = known.get(path)
      if (remembered !== undefined) return remembered
      const bytes = files.get(path)
      const hash = bytes === undefined ? null : sha256(bytes)
      known.set(path, hash)
      return hash
    },
  }
}

/** Files that remember what was asked of them: the text of each that was read, and each that was looked for. */
export interface Asked extends Files {
  readonly read: Files['read']
  readonly texts: ReadonlyMap<string, string>
  readonly looked: ReadonlySet<string>
}

export function askedFiles(files: SourceFiles): Asked {
  const texts = new Map<string, string>()
  const looked = new Set<string>()
  return {
    texts,
    looked,
    has: (path) => {
      looked.add(path)
      return files.has(path)
    },
    read: (path): { readonly text: string } | { readonly problem: Problem | null } => {
      looked.add(path)
      const bytes = files.get(path)
      if (bytes === undefined) return { problem: null }
      const decoded = decode(path, bytes)
      if ('problem' in decoded) return decoded
      texts.set(path, decoded.source.text)
      return { text: decoded.source.text }
    },
  }
}
