// The head that everything else asks for, kept fresh by looking at the branch.

import { acceptCommit } from '../git/accept.ts'
import { loadHead } from '../git/head.ts'
import { reconcile, type ReconcileParts } from '../git/reconcile.ts'
import { Failure } from '../model/error.ts'
import type { Head } from '../model/head.ts'
import type { Commit } from '../model/id.ts'

export interface Following {
  head(): Head
  /** One look at the branch; looks never overlap. */
  look(): Promise<'changed' | 'unchanged' | 'failed'>
  /** Applies a commit that was held back; says what happened. */
  accept(commit: Commit, by: string): Promise<string>
}

/** Begins with what the store says is in force, so that it stands before the branch was reached. */
export async function createFollowing(parts: ReconcileParts): Promise<Following> {
  let head = await loadHead(parts, { branch: null, condition: { is: 'starting' }, checkedMs: null })
  let looked = false
  let running: Promise<'changed' | 'unchanged' | 'failed'> | null = null

  async function once(): Promise<'changed' | 'unchanged' | 'failed'> {
    const reconciled = await reconcile(parts, looked ? head : null)
    looked = true
    head = reconciled.head
    return reconciled.result
  }

  const look: Following['look'] = () => {
    running ??= once().finally(() => {
      running = null
    })
    return running
  }

  return {
    head: () => head,
    look,
    accept: async (digits, by) => {
      const accepted = await acceptCommit(parts.database, digits, { name: by, atMs: parts.clock.now() })
      await running?.catch(() => null)
      await look()
      if (head.commit === accepted) return `applied ${accepted}`
      const { condition } = head
      if ('why' in condition) throw new Failure('unavailable', condition.why, { remedy: condition.remedy })
      return `accepted ${accepted}; the branch has moved on to ${head.commit ?? 'nothing'}`
    },
  }
}
