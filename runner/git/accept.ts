// A person's yes to a commit that was held back; the next look at the branch applies it.

import { Stop } from '../model/error.ts'
import { type Commit, commit as asCommit } from '../model/id.ts'
import type { Json } from '../model/json.ts'
import type { Statements } from '../store/database.ts'
import { readMeta, writeMeta } from '../store/meta.ts'
import { heldCommits, latestApplied } from '../store/revisions.ts'

const digitsMin = 7

/**
 * The commit in force can be accepted too: after a change of settings it may be the one that removes many flows.
 * @param digits of the commit, at least seven. Throws `Stop` when no single held commit begins with them.
 */
export async function acceptCommit(
  statements: Statements,
  digits: string,
  by: { readonly name: string; readonly atMs: number },
): Promise<Commit> {
  if (!/^[0-9a-f]{7,64}$/.test(digits))
    throw new Stop(2, `${digits} is not a commit`, `give its hash, at least ${digitsMin} digits`)
  const inForce = (await latestApplied(statements))?.commit
  const held = await heldCommits(statements, digits)
  const [found, second] = held.length === 0 && inForce?.startsWith(digits) === true ? [inForce] : held
  if (found === undefined)
    throw new Stop(1, `no commit ${digits} waits to be accepted`, 'the page shows which one waits, if any')
  if (second !== undefined) throw new Stop(1, `several commits begin with ${digits}`, 'give more digits')
  await writeMeta(statements, 'accepted', { commit: found, by: by.name, at_ms: by.atMs })
  return asCommit(found)
}

/** The commit that a person accepted and that was not applied yet. */
export async function acceptedCommit(statements: Statements): Promise<string | null> {
  const accepted: Json = await readMeta(statements, 'accepted')
  if (accepted === null || typeof accepted !== 'object' || Array.isArray(accepted) || !('commit' in accepted))
    return null
  return typeof accepted['commit'] === 'string' ? accepted['commit'] : null
}

/** The yes is used up. */
export async function clearAccepted(statements: Statements): Promise<void> {
  await writeMeta(statements, 'accepted', null)
}
