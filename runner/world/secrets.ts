// Secrets by name: from the environment or a file that it names, only those that the policy names, never our own.

import { readFileSync, statSync } from 'node:fs'
import { secretNameFault } from '../model/secret-name.ts'

export interface Secrets {
  /** Null when the policy does not name it, it is not set, or it cannot be used. */
  value(name: string): string | null
  /** Everything that must not be seen anywhere: secrets of the policy and the runner's own credentials. */
  values(): readonly string[]
  /** Secrets that the policy names and that cannot be used, for people. */
  problems(): readonly SecretProblem[]
}

interface SecretProblem {
  readonly name: string
  readonly message: string
  readonly remedy: string
}

export const secretLimits = {
  /** A shorter one cannot be kept out of what is shown: it stands by chance in many texts. */
  charactersMin: 6,
  bytesMax: 65_536,
} as const

/**
 * Values are read once, when they are first needed; a changed file is seen after a restart.
 * @param names the secrets that the policy names now
 */
export function createSecrets(
  environment: Readonly<Record<string, string | undefined>>,
  names: () => readonly string[],
): Secrets {
  const known = new Map<string, Looked>()
  const look = (name: string): Looked => {
    const before = known.get(name)
    if (before !== undefined) return before
    const looked = lookUp(environment, name)
    known.set(name, looked)
    return looked
  }
  return {
    value: (name) => (names().includes(name) ? valueOf(look(name)) : null),
    values: () => {
      for (const name of names()) look(name)
      // A name that was taken out of the policy stays secret: what it was may still be on its way.
      const named = [...known.values()].map(valueOf).filter((value) => value !== null)
      return [...named, ...ownCredentials(environment)]
    },
    problems: () =>
      names().flatMap((name) => {
        const looked = look(name)
        return looked.is === 'value' ? [] : [{ name, ...looked.problem }]
      }),
  }
}

type Looked =
  | { readonly is: 'value'; readonly value: string }
  | { readonly is: 'problem'; readonly problem: { readonly message: string; readonly remedy: string } }

function valueOf(looked: Looked): string | null {
  return looked.is === 'value' ? looked.value : null
}

function lookUp(environment: Readonly<Record<string, string | undefined>>, name: string): Looked {
  const fault = secretNameFault(name)
  if (fault !== null) return problem(`${name} cannot be used: ${fault}`, 'Choose another name in the policy.')
  const direct = environment[name]
  if (direct !== undefined && direct !== '') return usable(name, direct)
  const file = environment[`${name}_FILE`]
  if (file === undefined || file === '')
    return problem(`${name} is not set`, `Set ${name} or ${name}_FILE in the runner's environment.`)
  try {
    if (!statSync(file).isFile()) return problem(`${name}_FILE names no file`, 'Name a regular file.')
    if (statSync(file).size > secretLimits.bytesMax)
      return usable(name, ' '.repeat(secretLimits.bytesMax + 1))
    return usable(name, readFileSync(file, 'utf8').replace(/\r?\n$/, ''))
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
    return problem(`${name}_FILE cannot be read (${code})`, "Give a path that the runner's account may read.")
  }
}

function usable(name: string, value: string): Looked {
  if (value.length < secretLimits.charactersMin)
    return problem(
      `${name} has fewer than ${secretLimits.charactersMin} characters, so it could not be kept out of logs`,
      'Choose a longer one.',
    )
  if (Buffer.byteLength(value) > secretLimits.bytesMax || value.includes('\0'))
    return problem(
      `${name} has more than ${secretLimits.bytesMax} bytes or holds NUL`,
      'Check that it is the right file.',
    )
  return { is: 'value', value }
}

function problem(message: string, remedy: string): Looked {
  return { is: 'problem', problem: { message, remedy } }
}

const ownNames = [
  'ANTHROPIC_API_KEY',
  'ANTHROPIC_AUTH_TOKEN',
  'GITHUB_TOKEN',
  'GITHUB_APP_PRIVATE_KEY',
  'WATCHBILL_PAGE_TOKEN',
  'WATCHBILL_WEBHOOK_SECRET',
  'DATABASE_URL',
  'PGPASSWORD',
] as const

function ownCredentials(environment: Readonly<Record<string, string | undefined>>): readonly string[] {
  const set = ownNames.flatMap((name) => environment[name] ?? [])
  const password = URL.parse(environment['DATABASE_URL'] ?? '')?.password ?? ''
  return [...set, password, decoded(password)].filter((value) => value.length >= secretLimits.charactersMin)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
