// What others recorded that concerns a held run: a cancel, answers of people, events, the end of called runs.

import type { Engine } from './engine.ts'
import { type Held, note, scopeOfHeld } from './held.ts'
import { stepAt } from '../model/flow.ts'
import type { At } from '../model/journal.ts'
import type { Json } from '../model/json.ts'
import { heardSince, settleHeard } from '../store/heard.ts'
import { endedRuns, newsOf } from '../store/runs.ts'

/** Reads all of it again; what was decided before is thought over. */
export async function readNews(engine: Engine, held: Held): Promise<void> {
  const news = await newsOf(engine.database, held.row.id)
  if (news.cancelBy !== null && held.state.cancelBy === null)
    note(held, [{ v: 1, is: 'cancel_requested', by: news.cancelBy }], engine.clock.now())
  // A step in progress may be about to wait for what has just come; then the run looks again before it parks.
  if (held.busy.size === 0) held.wakeSeq = news.wakeSeq
  held.move = null
  await readAnswers(engine, held)
}

/** What the open invocations of the run are waiting for. */
export async function readAnswers(engine: Engine, held: Held): Promise<void> {
  const tickets: string[] = []
  const runs: string[] = []
  const listening: [key: string, sinceMs: number][] = []
  for (const [key, { phase }] of held.state.invocations) {
    if (phase.is === 'asked') tickets.push(phase.ticket)
    if (phase.is === 'called' && !held.called.has(phase.run)) runs.push(phase.run)
    if (phase.is === 'listening' && !held.heard.has(key)) listening.push([key, phase.sinceMs])
  }
  if (tickets.length > 0)
    for (const [ticket, verdict] of await engine.tickets.verdicts(tickets)) held.verdicts.set(ticket, verdict)
  if (runs.length > 0) for (const run of await endedRuns(engine.database, runs)) held.called.set(run.id, run)
  for (const [key, sinceMs] of listening) {
    const event = await matching(engine, held, { key, sinceMs })
    if (event !== null) held.heard.set(key, event)
  }
}

/** The first event since then that the step wants; an expression that cannot be evaluated wants none. */
async function matching(
  engine: Engine,
  held: Held,
  { key, sinceMs }: { readonly key: string; readonly sinceMs: number },
): Promise<Json | null> {
  const at = atOf(key)
  const work = stepAt(held.flow, at.step)?.work
  if (work?.is !== 'wait' || !('event' in work.wait)) return null
  const { match } = work.wait
  const about = { flow: held.flow.name, step: at.step, sinceMs }
  await settleHeard(engine.database, about)
  for await (const event of heardSince(engine.database, about)) {
    if (match === null) return event
    try {
      const scope = { ...scopeOfHeld(held, at), event }
      if (match.evaluate(scope) === true) return event
    } catch (error) {
      engine.log.info({ run: held.row.id, step: at.step, error }, 'an event does not fit what is waited for')
    }
  }
  return null
}

function atOf(key: string): At {
  const [step = '', element] = key.split('#')
  return { step, element: element === undefined ? null : Number(element) }
}
