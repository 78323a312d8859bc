// The product's imports, read from its source as text.

import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'

export interface Import {
  readonly from: string
  /** A path from the root for our own files, else the package or `node:` module. */
  readonly to: string
  readonly ours: boolean
}

const statement =
  /(?:^|\n)\s*(?:import|export)\s(?:[^'"`;]*?\sfrom\s)?['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)/g

export function productFiles(root: string): string[] {
  return globSync(['runner/**/*.ts', 'actions/**/*.ts'], { cwd: root }).toSorted()
}

export function importsOf(root: string, file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8')
  return [...text.matchAll(statement)].map((match) => {
    const target = match[1] ?? match[2] ?? ''
    if (target.startsWith('.')) return { from: file, to: normalize(join(dirname(file), target)), ours: true }
    return { from: file, to: packageOf(target), ours: false }
  })
}

function packageOf(target: string): string {
  if (target.startsWith('node:')) return target
  const parts = target.split('/')
  return target.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? '')
}
