// A branch of a repository, read by hash from a bare mirror: no working tree, no checkout, no hook, no filter.
//
// A local folder is mirrored as well: one way for both means that what a test shows of one holds for the other, that
// its objects pass the same checks, and that a commit stays readable after the folder was rebased, pruned or removed.

import type { Commit } from '../model/id.ts'
import type { Clock } from '../world/clock.ts'
import type { Log } from '../world/log.ts'
import { type Bytes, createGit, Damaged, holds, isDamage, isKnown } from './access.ts'
import { type CommitDescription, parseCommit } from './commit.ts'
import { gitConfig } from './environment.ts'
import { changedMax, healMsMin, listingBytesMax, otherBytesMax } from './limits.ts'
import { createMirror } from './mirror.ts'
import { readFolder, type Reading } from './read.ts'
import { fetchCommit, listRemote } from './remote.ts'
import { checkSignatures, type SignatureCheck } from './signatures.ts'
import { checkedBranch, parseSource } from './source.ts'

/** Every call throws `Failure` with a remedy when the world is not as it must be. */
export interface Repository {
  /** For people, without credentials. */
  readonly shown: string
  /** Null until `head` found out which one is the default. `HEAD`: a checkout without a branch. */
  branch(): string | null
  /** The newest commit of the branch, asked of the remote; nothing is transferred. */
  head(): Promise<Commit | 'missing-branch'>
  /** Transfers what is missing of this commit, which must be on the branch. */
  fetch(commit: Commit): Promise<void>
  read(commit: Commit, folder: string): Promise<Reading>
  /** Paths of the repository that differ, sorted, renames as both names. */
  changed(from: Commit, to: Commit): Promise<readonly string[]>
  describe(commit: Commit): Promise<CommitDescription>
  /** Throws `Failure('refused')` when a commit that would be applied is not signed by anybody in the list. */
  verify(check: SignatureCheck): Promise<void>
  /** False as well when `ancestor` is not known here at all. */
  isAncestor(ancestor: Commit, descendant: Commit): Promise<boolean>
}

export interface RepositoryParts {
  /** A URL, or the absolute path of a checkout. */
  readonly source: string
  /** Null: the default branch of the remote, the current one of a checkout. */
  readonly branch: string | null
  /** Holds `mirror.git`; made when missing. */
  readonly folder: string
  /** The runner's own environment; only a few names of it reach Git. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** `user:password` for https, when the URL names none; asked before every use, as tokens expire. */
  readonly credentials: (() => Promise<string | null>) | null
  readonly clock: Clock
  readonly log: Log
}

export function openRepository(parts: RepositoryParts): Repository {
  const source = parseSource(parts.source)
  const { clock, log } = parts
  const mirror = createMirror({ folder: parts.folder, config: gitConfig, clock, log })
  const git = createGit(parts, source, mirror)
  const { local, bytes, told } = git
  let branch = parts.branch === null ? null : checkedBranch(parts.branch)
  let healedMs = -Infinity

  async function bring(commit: Commit): Promise<void> {
    if (branch === null) throw new Error('fetch before head')
    await fetchCommit({ git, mirror, url: source.url, branch, commit })
  }

  /** Fetches a damaged mirror anew, not too often, and tries again. */
  async function sound<Result>(commit: Commit, work: () => Promise<Result>): Promise<Result> {
    try {
      return await work()
    } catch (thrown) {
      if (!isDamage(thrown) || clock.now() - healedMs < healMsMin) throw thrown
      healedMs = clock.now()
      await mirror.alone(async () => {
        await mirror.discard()
        await bring(commit)
      })
      return work()
    }
  }

  return {
    shown: source.shown,
    branch: () => branch,
    head: () =>
      told('asking for the newest commit', async () => {
        await mirror.ready()
        const found = await listRemote(git.remote, source.url, branch)
        branch = found?.branch ?? branch
        return found?.commit ?? 'missing-branch'
      }),
    fetch: (commit) => told('fetching', () => sound(commit, () => mirror.alone(() => bring(commit)))),
    read: (commit, folder) =>
      told('reading the commit', () => sound(commit, () => readFolder(bytes, commit, folder))),
    changed: (from, to) => told('comparing commits', () => sound(to, () => changedPaths(bytes, from, to))),
    describe: (commit) =>
      told('reading the commit', () =>
        sound(commit, async () =>
          parseCommit(
            await bytes(['cat-file', 'commit', commit], { outputBytesMax: otherBytesMax, beyond: 'cut' }),
          ),
        ),
      ),
    verify: (check) => told('checking signatures', () => checkSignatures(local, check)),
    isAncestor: (ancestor, descendant) =>
      told('comparing commits', () =>
        sound(descendant, async () => {
          // It was here when it was applied: either the mirror lost it, or the history was rewritten since.
          if (!(await isKnown(local, ancestor))) throw new Damaged(`commit ${ancestor} is not there`)
          return holds(local, ['merge-base', '--is-ancestor', ancestor, descendant])
        }).catch((thrown: unknown) => {
          if (thrown instanceof Damaged) return false
          throw thrown
        }),
      ),
  }
}

/** Without rename detection, so that a trigger on either name sees the change. At most `changedMax` paths. */
async function changedPaths(bytes: Bytes, from: Commit, to: Commit): Promise<readonly string[]> {
  const args = ['diff-tree', '-r', '-z', '--name-status', '--no-renames', '--end-of-options', from, to]
  const output = await bytes(args, { outputBytesMax: listingBytesMax, beyond: 'cut' })
  const fields = output.toString('utf8').split('\0').slice(0, -1)
  return fields.filter((_, i) => i % 2 === 1).slice(0, changedMax)
}
