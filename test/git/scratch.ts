// Real repositories for tests, hostile ones included: trees are written object by object, so that any name is possible.

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'
import { deflateSync } from 'node:zlib'
import { openRepository, type Repository, type RepositoryParts } from '../../runner/git/repository.ts'
import { type Commit, commit as asCommit } from '../../runner/model/id.ts'
import { systemClock } from '../../runner/world/clock.ts'
import { silentLog } from '../../runner/world/log.ts'

/** A file's content, a folder, or any entry by mode and object. */
export type Node = string | Uint8Array | { readonly [name: string]: Node } | { mode: string; object: string }

export interface Scratch {
  /** A repository with a working tree, on branch `main`, without commits. */
  readonly folder: string
  git(...args: string[]): string
  /** Writes an object as it is given, and gives its name. */
  write(type: string, content: Uint8Array | string): string
  /** Writes a tree that holds exactly this, whatever Git thinks of it, and gives its object. */
  tree(node: { readonly [name: string]: Node }): string
  /** Commits a tree on `main`; `parent: null` begins a history of its own. */
  commit(node: { readonly [name: string]: Node }, options?: CommitOptions): Commit
}

export interface CommitOptions {
  readonly parent?: string | null
  readonly branch?: string
  readonly message?: string
  /** As it stands in the object: seconds and zone. */
  readonly date?: string
}

export function freshFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'watchbill-git-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export function scratch(t: TestContext, ...options: string[]): Scratch {
  const folder = freshFolder(t)
  const run = (args: readonly string[], input: string | Uint8Array = ''): string =>
    execFileSync('git', args, { cwd: folder, env: environment, input, stdio: ['pipe', 'pipe', 'pipe'] })
      .toString()
      .trimEnd()
  run(['init', '--quiet', '--initial-branch=main', ...options])
  const write = (type: string, content: Uint8Array | string): string =>
    run(['hash-object', '-t', type, '-w', '--literally', '--stdin'], content)
  const entry = (node: Node): { mode: string; object: string } => {
    if (typeof node === 'string' || node instanceof Uint8Array)
      return { mode: '100644', object: write('blob', node) }
    if ('mode' in node && typeof node.mode === 'string') return node as { mode: string; object: string }
    return { mode: '40000', object: tree(node) }
  }
  const tree = (node: { readonly [name: string]: Node }): string => {
    const entries = Object.entries(node).map(([name, inner]) => Object.assign({ name }, entry(inner)))
    const key = (one: { name: string; mode: string }): Buffer =>
      Buffer.from(one.mode === '40000' ? `${one.name}/` : one.name)
    entries.sort((a, b) => Buffer.compare(key(a), key(b)))
    const bytes = entries.flatMap(({ mode, name, object }) => [
      Buffer.from(`${mode} ${name}\0`),
      Buffer.from(object, 'hex'),
    ])
    return write('tree', Buffer.concat(bytes))
  }
  const tip = (branch: string): string | null => {
    const found = run(['for-each-ref', '--format=%(objectname)', `refs/heads/${branch}`])
    return found === '' ? null : found
  }
  return {
    folder,
    git: (...args) => run(args),
    write,
    tree,
    commit: (node, options = {}) => {
      const { branch = 'main', message = 'a change', date = '1760000000 +0900' } = options
      const parent = options.parent === undefined ? tip(branch) : options.parent
      const lines = [
        `tree ${tree(node)}`,
        ...(parent === null ? [] : [`parent ${parent}`]),
        `author Ana <ana@example.com> ${date}`,
        `committer Ana <ana@example.com> ${date}`,
      ]
      const object = write('commit', `${lines.join('\n')}\n\n${message}\n`)
      run(['update-ref', `refs/heads/${branch}`, object])
      return asCommit(object)
    },
  }
}

const environment = { PATH: process.env['PATH'], GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' }

/** A blob that claims to be of this size and whose content does not exist: whoever reads it fails. */
export function hollowBlob(folder: string, bytes: number): { mode: string; object: string } {
  const object = createHash('sha1').update(`hollow ${bytes}`).digest('hex')
  const path = join(folder, '.git', 'objects', object.slice(0, 2), object.slice(2))
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, deflateSync(`blob ${bytes}\0`))
  return { mode: '100644', object }
}

/** The followed branch, with a mirror of its own unless `folder` says where. */
export function follow(t: TestContext, source: string, parts: Partial<RepositoryParts> = {}): Repository {
  return openRepository({
    source,
    branch: null,
    folder: parts.folder ?? join(freshFolder(t), 'data'),
    environment: { PATH: process.env['PATH'], HOME: process.env['HOME'] },
    credentials: null,
    clock: systemClock,
    log: silentLog,
    ...parts,
  })
}

/** Asks, fetches and reads, as a reconciliation does. */
export async function readHead(repository: Repository, folder = 'flows') {
  const commit = await repository.head()
  if (commit === 'missing-branch') throw new Error('there is no branch')
  await repository.fetch(commit)
  const reading = await repository.read(commit, folder)
  const text = new Map([...reading.files].map(([path, bytes]) => [path, new TextDecoder().decode(bytes)]))
  const refused = reading.refused.map(({ path, problem }) => `${path}: ${problem.code}`)
  return { commit, text, refused }
}
