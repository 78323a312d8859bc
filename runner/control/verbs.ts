// What a person can ask of the runner or of its store: one table of verbs, the same over the socket and beside it.

import type { Tickets } from '../approval/tickets.ts'
import { Stop } from '../model/error.ts'
import type { Action } from '../model/action.ts'
import type { Flow } from '../model/flow.ts'
import type { Head } from '../model/head.ts'
import { type Commit, commit, flowName, newId } from '../model/id.ts'
import type { Json, JsonObject } from '../model/json.ts'
import type { Admit } from '../run/admit.ts'
import type { Database } from '../store/database.ts'
import { writeMeta } from '../store/meta.ts'
import type { Queue } from '../store/queue.ts'
import { requestCancel, stoppedRuns } from '../store/runs.ts'
import { wakeRuns } from '../store/wake.ts'
import { manualFiring } from '../trigger/manual.ts'
import type { Clock } from '../world/clock.ts'
import type { Random } from '../world/random.ts'

export interface ControlParts {
  readonly database: Database
  readonly queue: Queue
  readonly clock: Clock
  readonly random: Random
  readonly tickets: Tickets
  readonly admit: Admit
  readonly actions: ReadonlyMap<string, Action>
  head(): Head
  /** The compiled flow of a stored version; throws `Failure` when it vanished. */
  flowVersion(hash: string): Promise<Flow>
  /** Applies a commit that was held back; says what happened. */
  accept(commit: Commit, by: string): Promise<string>
  /** Reads the emergency stop again, so that it acts at once. */
  stopChanged(): Promise<void>
  changed(topic: string, id: string): void
}

export type Verb = (parts: ControlParts, request: JsonObject) => Promise<Json>

/** Acting verbs. `by` is who runs the command, as the caller's account says. */
export const verbs: Readonly<Record<string, Verb>> = {
  run: async (parts, request) => {
    const name = textOf(request, 'flow')
    const flow = parts.head().flows.get(flowName(name))
    if (flow === undefined) {
      const known = [...parts.head().flows.keys()].join(', ') || 'none are loaded'
      throw new Stop(1, `there is no flow ${name}`, `flows: ${known}`)
    }
    const nowMs = parts.clock.now()
    const id = newId(nowMs, parts.random.bytes(10))
    const { inputs, event } = request
    const start = {
      inputs: asObject(inputs),
      event: event == null ? null : asObject(event),
      by: textOf(request, 'by'),
      id,
      nowMs,
    }
    const admitted = await parts.admit(manualFiring(flow, start))
    if ('refused' in admitted)
      throw new Stop(4, `${name} was not started: ${admitted.refused}`, 'try again when that has changed')
    return { run: admitted.run }
  },
  cancel: async (parts, request) => {
    const run = textOf(request, 'run')
    const asked = await parts.database.transaction(async (tx) => {
      if (!(await requestCancel(tx, run, textOf(request, 'by')))) return false
      await wakeRuns(tx, parts.queue, [run])
      return true
    })
    if (!asked) throw new Stop(1, `run ${run} has ended or does not exist`, 'see `watchbill runs`')
    parts.changed('run', run)
    return { cancelled: run }
  },
  stop: async (parts, request) => {
    await writeMeta(parts.database, 'stop', { by: textOf(request, 'by'), at_ms: parts.clock.now() })
    await parts.stopChanged()
    return { stopped: true }
  },
  resume: async (parts) => {
    await parts.database.transaction(async (tx) => {
      await writeMeta(tx, 'stop', null)
      await wakeRuns(tx, parts.queue, await stoppedRuns(tx))
    })
    await parts.stopChanged()
    return { stopped: false }
  },
  accept: async (parts, request) => ({
    said: await parts.accept(commit(textOf(request, 'commit')), textOf(request, 'by')),
  }),
  approve: (parts, request) => answer(parts, request, 'approve'),
  reject: (parts, request) => answer(parts, request, 'reject'),
  choose: (parts, request) => answer(parts, request, 'choose'),
  done: (parts, request) => answer(parts, request, 'done'),
}

async function answer(
  parts: ControlParts,
  request: JsonObject,
  verb: 'approve' | 'reject' | 'choose' | 'done',
): Promise<Json> {
  const { choice, reason } = request
  const said = await parts.tickets.answerLocal({
    verb,
    code: textOf(request, 'code'),
    by: textOf(request, 'by'),
    ...(typeof choice === 'string' ? { choice } : {}),
    ...(typeof reason === 'string' ? { reason } : {}),
  })
  parts.changed('approvals', textOf(request, 'code'))
  return said as unknown as Json
}

const textCharactersMax = 2_000

function textOf(request: JsonObject, name: string): string {
  const value = request[name]
  if (typeof value !== 'string' || value === '') throw new Stop(2, `${name} is missing`, 'see --help')
  if (value.length > textCharactersMax)
    throw new Stop(2, `${name} is longer than ${textCharactersMax} characters`, 'shorten it')
  return value
}

function asObject(value: Json | undefined): JsonObject {
  if (value === undefined || value === null) return {}
  if (typeof value !== 'object' || Array.isArray(value))
    throw new Stop(2, 'inputs and events are objects', 'give name=value, or a JSON object')
  return value as JsonObject
}
