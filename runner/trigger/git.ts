// Triggers of kind `git`, and steps that wait for one: a commit came into force that touches their paths.
//
// Firings follow from the rows of the store, and a mark says up to which revision all of them were admitted. Dying
// anywhere in between repeats admissions, which their slot keys make harmless; no commit is forgotten.

import type { Firing } from '../model/firing.ts'
import type { GitTrigger } from '../model/flow.ts'
import type { Head } from '../model/head.ts'
import { type FlowName, flowName } from '../model/id.ts'
import type { Admit } from '../run/admit.ts'
import type { Database } from '../store/database.ts'
import { readMeta, writeMeta } from '../store/meta.ts'
import { appliedAfter, type RevisionRow } from '../store/revisions.ts'
import { gitTriggers, markFired } from '../store/triggers.ts'
import type { Clock } from '../world/clock.ts'
import type { Log } from '../world/log.ts'
import { fitsGlob } from './glob.ts'
import type { Hear } from './hear.ts'
import { gitWaits } from './waits.ts'

export interface GitTriggerParts {
  readonly database: Database
  readonly clock: Clock
  readonly log: Log
  head(): Head
  /** Resolves when the run is durable or refused for good; a rejection is tried again. */
  readonly admit: Admit
  /** Takes commits that steps may be waiting for. */
  readonly hear: Hear
  /** The emergency stop: commits wait until it is lifted. Absent: never. */
  stopped?(): boolean
  /** For the metrics. */
  fired?(firing: { readonly kind: 'git'; readonly lateMs: number }): void
}

const mark = 'git-triggers'
const revisionsMax = 20

/**
 * Fires for every commit that came into force and was not seen to yet. Called after each look at the branch and at
 * the start; without news it is two short queries. Throws when the store is away; the next call goes on from there.
 */
export async function fireGitTriggers(parts: GitTriggerParts): Promise<void> {
  // A policy that suspends lets commits pass for good; the emergency stop keeps them waiting.
  if (parts.stopped?.() === true && !parts.head().policy.suspended) return
  const seen = Number((await readMeta(parts.database, mark)) ?? 0)
  const revisions = await appliedAfter(parts.database, seen, revisionsMax)
  for (const revision of revisions) {
    // The head of this runner is a moment behind: its next look fires for the rest.
    if (revision.seq > parts.head().revision) return
    // Nobody can say what the first commit changed: everything was there before anybody looked.
    if (revision.previous !== null) {
      if (!parts.head().policy.suspended) await fireFor(parts, revision)
      await tellWaiting(parts, revision)
    }
    await writeMeta(parts.database, mark, revision.seq)
  }
}

async function fireFor(parts: GitTriggerParts, revision: RevisionRow): Promise<void> {
  const head = parts.head()
  const since = await gitTriggers(parts.database)
  const fired: { readonly flow: string; readonly trigger: string }[] = []
  for (const { flow, trigger, sinceMs } of since) {
    if (sinceMs > revision.seenMs) continue
    const found = triggerOf(head, { flow: flowName(flow), trigger })
    if (found === null || !touches(revision.changed, found.paths)) continue
    if (await admitFor(parts, { flow, trigger, revision })) fired.push({ flow, trigger })
  }
  if (fired.length > 0) await markFired(parts.database, fired, parts.clock.now())
}

function triggerOf(head: Head, of: { readonly flow: FlowName; readonly trigger: string }): GitTrigger | null {
  const flow = head.flows.get(of.flow)
  if (flow === undefined || flow.suspended) return null
  const found = flow.triggers.find((trigger) => trigger.id === of.trigger)
  return found?.kind === 'git' ? found : null
}

function touches(changed: readonly string[], paths: readonly string[]): boolean {
  if (paths.length === 0) return changed.length > 0
  return changed.some((path) => paths.some((pattern) => fitsGlob(path, pattern)))
}

interface Fires {
  readonly flow: string
  readonly trigger: string
  readonly revision: RevisionRow
}

async function admitFor(parts: GitTriggerParts, fires: Fires): Promise<boolean> {
  const nowMs = parts.clock.now()
  const firing = firingOf(fires, parts.head().branch, nowMs)
  const answer = await parts.admit(firing)
  if ('refused' in answer) {
    parts.log.info({ slot: firing.slot, why: answer.refused }, 'a firing was refused')
    return false
  }
  if (!answer.duplicate) parts.fired?.({ kind: 'git', lateMs: nowMs - fires.revision.seenMs })
  return true
}

/** Runs that wait are told of a commit whatever is suspended: nothing starts by it. */
async function tellWaiting(parts: GitTriggerParts, revision: RevisionRow): Promise<void> {
  const { flows, branch } = parts.head()
  for (const flow of flows.values())
    for (const { id: step, paths } of gitWaits(flow)) {
      if (!touches(revision.changed, paths)) continue
      const nowMs = parts.clock.now()
      const { slot, event } = firingOf({ flow: flow.name, trigger: step, revision }, branch, nowMs)
      await parts.hear({ flow: flow.name, step, slot, atMs: revision.seenMs, event })
    }
}

/** Paths that an event carries; a larger commit is cut, and the run can ask Git for the rest. */
const eventFilesMax = 1_000

function firingOf({ flow, trigger, revision }: Fires, branch: string | null, nowMs: number): Firing {
  const { commit, previous, message, author, changed, seenMs } = revision
  return {
    flow,
    trigger,
    kind: 'git',
    slot: `git:${flow}:${trigger}:${commit}`,
    event: {
      kind: 'git',
      scheduled_at: new Date(seenMs).toISOString(),
      fired_at: new Date(nowMs).toISOString(),
      git: {
        commit,
        previous: previous ?? '',
        branch: branch ?? '',
        message,
        author,
        files: changed.slice(0, eventFilesMax),
      },
    },
    inputs: {},
    startedBy: `trigger:${trigger}`,
    overlap: 'allow',
  }
}
