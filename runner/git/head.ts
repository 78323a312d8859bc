// What is in force, from the store alone: it stands whether the branch can be reached or not.

import { compilePolicy, defaultPolicy, policyFile } from '../flow/policy.ts'
import { compileVersion } from '../flow/version.ts'
import type { Action } from '../model/action.ts'
import type { Flow } from '../model/flow.ts'
import type { Head, HeadCondition, PolicyOrigin } from '../model/head.ts'
import { commit as asCommit, type FlowName } from '../model/id.ts'
import { picoUsd } from '../model/money.ts'
import type { Policy } from '../model/policy.ts'
import type { Problem } from '../model/problem.ts'
import type { Database } from '../store/database.ts'
import { latestApplied, readFlowHeads, type RevisionRow } from '../store/revisions.ts'
import { latestPolicy, versionClosures } from '../store/versions.ts'
import { isInForce } from './heads.ts'

export interface HeadParts {
  readonly database: Database
  readonly actions: readonly Action[]
}

/** How the runner stands with the branch; everything else of a head comes from the store. */
export interface Standing {
  readonly branch: string | null
  readonly condition: HeadCondition
  readonly checkedMs: number | null
}

/** @param compiled flows of a revision that was just loaded, so that they are not compiled again */
export async function loadHead(
  parts: HeadParts,
  standing: Standing,
  compiled: readonly Flow[] = [],
): Promise<Head> {
  const { database, actions } = parts
  const applied = await latestApplied(database)
  const { policy, origin } = await policyInForce(parts, applied)
  const known = new Map(compiled.map((flow) => [flow.version, flow]))
  const wanted = (await readFlowHeads(database)).filter(isInForce)
  const stored = await versionClosures(
    database,
    wanted.flatMap(({ version }) => (version === null || known.has(version) ? [] : [version])),
  )
  const flows = new Map<FlowName, Flow>()
  const problems: Problem[] = [...(applied?.problems ?? [])]
  for (const { file, version } of wanted) {
    const closure = version === null ? undefined : stored.get(version)?.closure
    const found = known.get(version ?? '') ?? recompiled({ file, closure, actions })
    if ('name' in found) flows.set(found.name, found)
    else problems.push(found)
  }
  return {
    commit: applied === null ? null : asCommit(applied.commit),
    revision: applied?.seq ?? 0,
    flows,
    policy,
    policyVersion: policy.version,
    policyOrigin: origin,
    problems,
    ...standing,
  }
}

interface Recompiled {
  readonly file: string
  readonly closure: Readonly<Record<string, string>> | undefined
  readonly actions: readonly Action[]
}

/** After an update of the program a stored version may not compile any more; that stops this flow alone. */
function recompiled({ file, closure, actions }: Recompiled): Flow | Problem {
  try {
    if (closure !== undefined) return compileVersion({ file, closure }, actions)
  } catch (thrown) {
    return lost(file, thrown instanceof Error ? thrown.message : 'the stored version does not compile')
  }
  return lost(file, 'the stored version of the file is gone')
}

function lost(file: string, message: string): Problem {
  const hint = 'correct the file; until then it does not start'
  return { code: 'schema', severity: 'error', place: { file, line: 1, column: 1 }, message, hint }
}

/** What a runner may spend while nobody has said what it may. */
const builtInMonthUsd = 5

async function policyInForce(
  { database, actions }: HeadParts,
  applied: RevisionRow | null,
): Promise<{ readonly policy: Policy; readonly origin: PolicyOrigin }> {
  const stored = await latestPolicy(database)
  const policy = stored === null ? null : compilePolicy(stored.file, stored.text, actions).policy
  if (policy !== null) return { policy, origin: stored?.commit === applied?.commit ? 'current' : 'kept' }
  const plain = defaultPolicy()
  const budget = { ...plain.budget, monthUsd: plain.budget.monthUsd ?? picoUsd(builtInMonthUsd) }
  return { policy: { ...plain, budget }, origin: 'built-in' }
}

/** What to say of a commit whose policy does not hold, so that nobody is surprised by what does. */
export function policyWarning(origin: 'kept' | 'built-in'): Problem {
  const place = { file: policyFile, line: 1, column: 1 }
  const message =
    origin === 'kept'
      ? 'this commit has no valid policy: the last valid one stays in force and nothing of high risk runs'
      : `there is no policy: no risk is lowered, tickets stay on this machine, at most $${builtInMonthUsd} a month are spent`
  return {
    code: 'policy',
    severity: 'warning',
    place,
    message,
    hint: `write ${policyFile} in the folder of the flows`,
  }
}
