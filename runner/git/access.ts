// Git on one mirror: the right surroundings for each reach, and its exits as failures for people.

import { Failure } from '../model/error.ts'
import type { Commit } from '../model/id.ts'
import { impossible } from '../model/impossible.ts'
import type { Clock } from '../world/clock.ts'
import { GitExit, gitBytes, gitText } from './command.ts'
import { type GitSurroundings, localEnvironment, nowhere, remoteEnvironment } from './environment.ts'
import { gitFailure } from './failure.ts'
import { listingBytesMax, readMsMax } from './limits.ts'
import type { Mirror } from './mirror.ts'
import type { Source } from './source.ts'

/** May speak to the outside; `into` says whether it sees the mirror. Throws `GitExit`. */
export type Remote = (
  into: 'mirror' | 'nowhere',
  args: readonly string[],
  timeoutMs: number,
) => Promise<string>
/** Sees the mirror alone. Throws `GitExit`. */
export type Local = (args: readonly string[]) => Promise<string>
export type Bytes = (args: readonly string[], options: BytesOptions) => Promise<Buffer>

export interface BytesOptions {
  readonly input?: string
  readonly outputBytesMax: number
  /** What more output means; `fail` when absent. */
  readonly beyond?: 'fail' | 'cut'
}

export interface Git {
  readonly remote: Remote
  readonly local: Local
  readonly bytes: Bytes
  /** Whatever `work` throws comes out as a `Failure` that says what was attempted. */
  readonly told: <Result>(doing: string, work: () => Promise<Result>) => Promise<Result>
}

/** An object is not what its hash says: the mirror is damaged. */
export class Damaged extends Error {
  override readonly name = 'Damaged'
}

export interface GitParts {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly credentials: (() => Promise<string | null>) | null
  readonly clock: Clock
}

export function createGit(parts: GitParts, source: Source, mirror: Mirror): Git {
  const { clock } = parts
  const { folder, gitDir, configFile } = mirror
  const around: GitSurroundings = { inherited: parts.environment, configFile, gitDir, source }
  let secret: string | null = source.credentials

  async function remoteSurroundings(into: 'mirror' | 'nowhere'): Promise<Record<string, string>> {
    if (source.credentials === null && source.url.startsWith('https:') && parts.credentials !== null)
      secret = await parts.credentials()
    return remoteEnvironment(into === 'mirror' ? around : { ...around, gitDir: nowhere }, secret)
  }

  const bytes: Bytes = (args, { input = '', outputBytesMax, beyond = 'fail' }) => {
    const environment = localEnvironment(around)
    return gitBytes({ args, environment, folder, timeoutMs: readMsMax, clock, input, outputBytesMax, beyond })
  }
  return {
    remote: async (into, args, timeoutMs) =>
      gitText({ args, environment: await remoteSurroundings(into), folder, timeoutMs, clock }),
    local: async (args) => (await bytes(args, { outputBytesMax: listingBytesMax })).toString(),
    bytes,
    told: (doing, work) =>
      work().catch((thrown: unknown) => {
        throw asFailure(doing, thrown, secret)
      }),
  }
}

/** Asks a question that Git answers by its exit code: 1 and silence is no. Throws `GitExit` for everything else. */
export async function holds(local: Local, args: readonly string[]): Promise<boolean> {
  try {
    await local(args)
    return true
  } catch (thrown) {
    if (thrown instanceof GitExit && thrown.exitCode === 1 && thrown.said === '') return false
    throw thrown
  }
}

/** Whether the mirror has this commit. Unlike `cat-file -e` it never tries to get it from the remote. */
export async function isKnown(local: Local, commit: Commit): Promise<boolean> {
  const quietly = ['--no-walk', '--missing=allow-any', '--ignore-missing', '--end-of-options']
  return (await local(['rev-list', ...quietly, commit])) !== ''
}

/** Reading what is here cannot fail as long as the mirror is whole. */
export function isDamage(thrown: unknown): boolean {
  return thrown instanceof Damaged || (thrown instanceof GitExit && thrown.why === 'exit')
}

function asFailure(doing: string, thrown: unknown, secret: string | null): unknown {
  if (thrown instanceof Damaged)
    return new Failure('unavailable', `${doing}: the mirror is damaged`, {
      remedy: 'Check the disk; the mirror is fetched anew at a later look.',
    })
  if (!(thrown instanceof GitExit)) return thrown
  switch (thrown.why) {
    case 'timeout':
      return new Failure('timeout', `${doing}: Git took too long and was ended`, {
        remedy: 'Nothing if it passes; else check the network and the size of the repository.',
      })
    case 'missing':
      return new Failure('unavailable', `${doing}: there is no program called git`, {
        remedy: 'Install Git, or correct PATH.',
      })
    case 'output':
      return new Failure('refused', `${doing}: the commit holds too much to read`, {
        remedy: 'Keep only flows, prompts and knowledge in the followed folder.',
      })
    case 'exit':
      return gitFailure(doing, thrown.said, secret === null ? [] : [secret, ...secret.split(':')])
    default:
      return impossible(thrown.why)
  }
}
