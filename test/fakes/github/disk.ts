// The bare Git repositories behind the fake: made, written to as a person would push, and read.

import { execFile, spawn } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { promisify } from 'node:util'

import type { User } from './world.ts'

/** A file's content, or with its Git mode (120000 symlink, 100755 executable, 160000 submodule); null: removed. */
export type FileChange = string | Uint8Array | { readonly mode: string; readonly data: string } | null

export interface CommitOptions {
  readonly author: User
  readonly atMs: number
  readonly message?: string
  readonly branch?: string
  /** Commit on top of this one instead of the branch's head: rewrites the branch. */
  readonly onto?: string
}

const run = promisify(execFile)
const outputBytesMax = 64 * 1024 * 1024

/** Git without the machine's or the person's settings. */
export const gitEnvironment: NodeJS.ProcessEnv = {
  PATH: process.env['PATH'],
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_TERMINAL_PROMPT: '0',
  LC_ALL: 'C',
}

export async function git(folder: string, args: readonly string[]): Promise<string> {
  const { stdout } = await run('git', args, { cwd: folder, env: gitEnvironment, maxBuffer: outputBytesMax })
  return stdout
}

export async function makeBare(folder: string): Promise<void> {
  await mkdir(dirname(folder), { recursive: true })
  await git(dirname(folder), ['init', '--quiet', '--bare', '--initial-branch=main', folder])
  await git(folder, ['config', 'http.receivepack', 'true'])
  await git(folder, ['config', 'uploadpack.allowFilter', 'true'])
  await git(folder, ['config', 'uploadpack.allowAnySHA1InWant', 'true'])
}

/** Gives the new commit. */
export async function commit(
  folder: string,
  files: Readonly<Record<string, FileChange>>,
  options: CommitOptions,
): Promise<string> {
  const ref = `refs/heads/${options.branch ?? 'main'}`
  const parent = options.onto ?? (await head(folder, ref))
  const { author, atMs, message } = options
  const stream = [
    `commit ${ref}\n`,
    `committer ${author.login} <${author.email}> ${Math.floor(atMs / 1_000)} +0000\n`,
    ...data(message ?? 'A change'),
    ...(parent === null ? [] : [`from ${parent}\n`]),
    ...Object.entries(files).flatMap(([path, change]) => fileCommand(path, change)),
    '\n',
  ]
  await fastImport(folder, Buffer.concat(stream.map((part) => Buffer.from(part))))
  return (await git(folder, ['rev-parse', ref])).trim()
}

export async function head(folder: string, ref: string): Promise<string | null> {
  return run('git', ['rev-parse', '--verify', '--quiet', ref], { cwd: folder, env: gitEnvironment }).then(
    ({ stdout }) => stdout.trim(),
    () => null,
  )
}

function fileCommand(path: string, change: FileChange): readonly (string | Uint8Array)[] {
  const quoted = JSON.stringify(path)
  if (change === null) return [`D ${quoted}\n`]
  const { mode, data: content } =
    typeof change === 'string' || change instanceof Uint8Array ? { mode: '100644', data: change } : change
  if (mode === '160000') return [`M ${mode} ${String(content)} ${quoted}\n`]
  return [`M ${mode} inline ${quoted}\n`, ...data(content)]
}

function data(content: string | Uint8Array): readonly (string | Uint8Array)[] {
  const bytes = Buffer.from(content)
  return [`data ${bytes.length}\n`, bytes, '\n']
}

async function fastImport(folder: string, stream: Buffer): Promise<void> {
  const child = spawn('git', ['fast-import', '--quiet', '--force'], {
    cwd: folder,
    env: gitEnvironment,
    stdio: ['pipe', 'ignore', 'pipe'],
  })
  const said: Buffer[] = []
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk))
  child.stdin.end(stream)
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  if (code !== 0) throw new Error(`git fast-import: ${Buffer.concat(said).toString('utf8')}`)
}
