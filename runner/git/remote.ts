// Talking to the remote: which commit its branch stands at, and bringing that commit into the mirror.

import { Failure } from '../model/error.ts'
import { type Commit, commit as asCommit } from '../model/id.ts'
import { Damaged, type Git, holds, isKnown, type Local, type Remote } from './access.ts'
import { GitExit } from './command.ts'
import { gitFailure, soundsDamaged } from './failure.ts'
import { fetchMsMax, listRemoteMsMax, otherBytesMax } from './limits.ts'
import type { Mirror } from './mirror.ts'

export interface RemoteHead {
  /** `HEAD` for a checkout without a branch. */
  readonly branch: string
  readonly commit: Commit | null
}

/** @param branch null: whatever the remote's HEAD names. Null when it names nothing that exists. */
export async function listRemote(
  remote: Remote,
  url: string,
  branch: string | null,
): Promise<RemoteHead | null> {
  const wanted = branch === null || branch === 'HEAD' ? [] : [`refs/heads/${branch}`]
  const args = ['ls-remote', '--symref', '--', url, 'HEAD', ...wanted]
  const lines = (await remote('nowhere', args, listRemoteMsMax)).trimEnd().split('\n')
  const at = (ref: string): Commit | null => {
    const line = lines.find((candidate) => candidate.endsWith(`\t${ref}`) && !candidate.startsWith('ref: '))
    return line === undefined ? null : asCommit(line.slice(0, line.indexOf('\t')))
  }
  if (branch !== null) return { branch, commit: at(branch === 'HEAD' ? 'HEAD' : `refs/heads/${branch}`) }
  if (at('HEAD') === null) return null
  const symbolic = lines.find((line) => line.startsWith('ref: refs/heads/') && line.endsWith('\tHEAD'))
  const named = symbolic?.slice('ref: refs/heads/'.length, -'\tHEAD'.length) ?? 'HEAD'
  return { branch: named, commit: at('HEAD') }
}

const headRef = 'refs/watchbill/head'

/** Whether this commit and everything it needs came with an earlier fetch. The ref moves only after that is sure. */
async function isFetched(local: Local, commit: Commit): Promise<boolean> {
  if ((await local(['for-each-ref', '--count=1', headRef])) === '') return false
  if (!(await isKnown(local, commit))) return false
  return holds(local, ['merge-base', '--is-ancestor', commit, headRef])
}

export interface Fetch {
  readonly git: Pick<Git, 'remote' | 'local'>
  readonly mirror: Mirror
  readonly url: string
  readonly branch: string
  readonly commit: Commit
}

/** Only inside `mirror.alone`. Throws `Failure`; `GitExit` and `Damaged` when the mirror is not whole. */
export async function fetchCommit(fetch: Fetch): Promise<void> {
  const { git, mirror, url, commit } = fetch
  if (!(await mirror.exists())) {
    const format = commit.length === 64 ? 'sha256' : 'sha1'
    await git.local(['init', '--quiet', '--bare', `--object-format=${format}`])
  }
  await mirror.freeLocks()
  if (await isFetched(git.local, commit)) return
  await git.local(['config', 'remote.origin.url', url])
  await transfer(fetch)
  if (await isFetched(git.local, commit)) return
  throw new Failure('unavailable', 'the branch moved while it was being read', {
    remedy: 'Nothing: it is read again at the next look.',
  })
}

/** Faults of old tools and odd clocks, in histories that nobody can rewrite; they are harmless where nothing is checked out. */
const harmless = [
  'badDate',
  'badDateOverflow',
  'badEmail',
  'badTimezone',
  'missingEmail',
  'missingNameBeforeEmail',
  'missingSpaceBeforeDate',
  'missingSpaceBeforeEmail',
  'zeroPaddedDate',
  'zeroPaddedFilemode',
]

async function transfer({ git, branch }: Fetch): Promise<void> {
  const from = branch === 'HEAD' ? 'HEAD' : `refs/heads/${branch}`
  const quietly = ['--quiet', '--no-tags', '--no-recurse-submodules', '--no-write-fetch-head']
  const what = [
    ...quietly,
    '--update-shallow',
    '--force',
    '--end-of-options',
    'origin',
    `+${from}:${headRef}`,
  ]
  try {
    // Objects that would not be read are not even transferred, where the server can leave them out.
    await git.remote('mirror', ['fetch', `--filter=blob:limit=${otherBytesMax + 1}`, ...what], fetchMsMax)
  } catch (thrown) {
    if (!(thrown instanceof GitExit && isHarmless(thrown.said))) throw blamed(thrown)
    // Git can overlook single faults only in a transfer that leaves nothing out.
    const overlook = harmless.flatMap((fault) => ['-c', `fetch.fsck.${fault}=warn`])
    await git
      .remote('mirror', [...overlook, 'fetch', '--no-filter', ...what], fetchMsMax)
      .catch((again: unknown) => {
        throw blamed(again)
      })
  }
}

/** A transfer can fail because of the other side or because of our own mirror; only the second is repaired. */
function blamed(thrown: unknown): unknown {
  if (!(thrown instanceof GitExit && thrown.why === 'exit')) return thrown
  if (soundsDamaged(thrown.said)) return new Damaged(thrown.said)
  return gitFailure('fetching', thrown.said, [])
}

function isHarmless(said: string): boolean {
  const fault = /error: object [0-9a-f]+: (\w+):/.exec(said)?.[1]
  return fault !== undefined && harmless.includes(fault)
}
