// Signed commits: where signers are named, every commit from what is in force to the new head is checked.

import { Failure } from '../model/error.ts'
import type { Commit } from '../model/id.ts'
import type { Local } from './access.ts'
import { GitExit } from './command.ts'

export interface SignatureCheck {
  /** A file of allowed signers as `ssh-keygen` reads it; absolute. */
  readonly signers: string
  /** What is in force; null: only the head itself is checked. */
  readonly since: Commit | null
  readonly commit: Commit
}

/** More commits at once are not looked through: somebody accepts the head instead. */
export const signedCommitsMax = 500

/** Throws `Failure('refused')` naming the first commit that nobody in the list signed. */
export async function checkSignatures(local: Local, check: SignatureCheck): Promise<void> {
  for (const commit of await commitsOf(local, check))
    if (!(await isSigned(local, commit, check.signers))) throw unsigned(commit)
}

async function commitsOf(local: Local, { since, commit }: SignatureCheck): Promise<readonly string[]> {
  if (since === null || since === commit) return [commit]
  const range = ['rev-list', `--max-count=${signedCommitsMax + 1}`, '--end-of-options', commit, `^${since}`]
  const commits = (await local(range)).split('\n').filter((line) => line !== '')
  if (commits.length > signedCommitsMax)
    throw new Failure(
      'refused',
      `more than ${signedCommitsMax} commits would have to be checked for their signature`,
      {
        remedy: 'Look at them yourself, then:',
      },
    )
  return commits
}

/** Git's exit code decides: it prints "Good" for a signature of somebody unknown, too. */
async function isSigned(local: Local, commit: string, signers: string): Promise<boolean> {
  const trust = ['-c', 'gpg.format=ssh', '-c', `gpg.ssh.allowedSignersFile=${signers}`]
  try {
    await local([...trust, 'verify-commit', '--end-of-options', commit])
    return true
  } catch (thrown) {
    if (thrown instanceof GitExit && thrown.why === 'exit') return false
    throw thrown
  }
}

function unsigned(commit: string): Failure {
  return new Failure(
    'refused',
    `commit ${commit.slice(0, 12)} is not signed by anybody in the list of signers`,
    {
      remedy: 'Sign it, or add the key of who did to the file that WATCHBILL_SIGNERS names.',
    },
  )
}
