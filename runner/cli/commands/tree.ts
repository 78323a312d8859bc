// The files of a folder as they lie on disk, with the same limits as those of a commit.

import { lstatSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { filesMax, otherBytesMax, yamlBytesMax } from '../../git/limits.ts'
import { isYaml } from '../../git/read.ts'
import { Stop } from '../../model/error.ts'
import type { Problem } from '../../model/problem.ts'
import type { SourceFiles } from '../../model/revision.ts'

export interface Tree {
  readonly files: SourceFiles
  readonly problems: readonly Problem[]
  /** The folder as the user wrote it, for places. */
  readonly shown: string
  /** When one file was asked for: its path inside the folder. */
  readonly only: string | null
}

export function readTree(path: string): Tree {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined)
    throw new Stop(1, `${path} does not exist`, 'name the folder of your flows, or a file in it')
  const folder = found.isDirectory() ? path : rootOf(path)
  const files = new Map<string, Uint8Array>()
  const problems: Problem[] = []
  walk(folder, folder, { files, problems })
  return {
    files,
    problems,
    shown: folder.replace(/\/+$/, ''),
    only: found.isDirectory() ? null : relative(folder, path),
  }
}

/** The folder that a file's references start from: the nearest one above with a policy, or its own. */
function rootOf(file: string): string {
  for (let folder = dirname(file), depth = 0; depth < 4; folder = join(folder, '..'), depth++)
    if (
      statSync(join(folder, 'policy.yaml'), { throwIfNoEntry: false }) !== undefined ||
      basename(folder) === 'flows'
    )
      return folder
  return dirname(file)
}

function walk(
  root: string,
  folder: string,
  into: { files: Map<string, Uint8Array>; problems: Problem[] },
): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    const place = { file: relative(root, path), line: 1, column: 1 }
    if (entry.isDirectory()) {
      if (!entry.name.startsWith('.') && entry.name !== 'node_modules') walk(root, path, into)
    } else if (!entry.isFile()) {
      const message = 'only regular files are read, not links or devices'
      into.problems.push({
        code: 'file-not-regular',
        severity: 'error',
        place,
        message,
        hint: 'put the content itself here',
      })
    } else if (into.files.size >= filesMax) {
      throw new Stop(1, `${root} holds more than ${filesMax} files`, 'name the folder of the flows')
    } else if (lstatSync(path).size > bytesMaxOf(path)) {
      const message = `the file is larger than ${bytesMaxOf(path)} bytes`
      into.problems.push({ code: 'file-too-large', severity: 'error', place, message, hint: 'split it' })
    } else into.files.set(place.file, readFileSync(path))
  }
}

function bytesMaxOf(path: string): number {
  return isYaml(path) ? yamlBytesMax : otherBytesMax
}
