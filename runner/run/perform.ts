// Performing one invocation: decision, approval and action are called from here, in that order, and return here.

import { answerOf } from './answer.ts'
import { call, cancelCalled, takeResult } from './call.ts'
import { decide } from './decide.ts'
import { startAction } from './gate.ts'
import { askQuestion } from './question.ts'
import { readAnswers } from './news.ts'
import { resume } from './resume.ts'
import { conclude, invocationOf, LostRun, scopeOfTask, type Task, tell, tellFailed } from './task.ts'
import { renderValue } from '../flow/value.ts'
import { Failure, type RecordedError } from '../model/error.ts'
import type { EndWork, WaitWork } from '../model/flow.ts'
import { impossible } from '../model/impossible.ts'
import { invocationAt } from '../model/run.ts'
import { DatabaseError, isOfTheStore } from '../store/database.ts'

/** Takes an invocation one step further; everything that happened is in the journal when this resolves. */
export async function perform(task: Task): Promise<void> {
  const startedMs = task.engine.clock.monotonic()
  try {
    await (task.failed === undefined ? go(task) : failGroup(task, task.failed))
  } catch (thrown) {
    if (thrown instanceof LostRun || task.held.lost) return
    // The step did not fail, and what it did may have succeeded: whoever goes on sees in the journal how far it came.
    if (isOfTheStore(thrown)) throw thrown
    const work = task.step.work
    await tellFailed(task, {
      thrown,
      uses: work.is === 'uses' ? work.uses : null,
      startedMs,
      // What cannot be stored was done all the same.
      again: thrown instanceof DatabaseError ? 'no' : 'as the flow says',
    })
  }
}

function go(task: Task): Promise<void> {
  const phase = invocationOf(task).phase
  switch (phase.is) {
    case 'answered':
      return answerOf(task, phase)
    case 'intended':
      return resume(task, phase.intent)
    case 'decided':
      return startAction(task)
    case 'called': {
      const ended = task.held.called.get(phase.run)
      if (ended === undefined) throw new Error('a call has a result before it is taken')
      return takeResult(task, ended)
    }
    case 'pending':
    case 'again':
    case 'waiting':
      return begin(task, phase.is)
    case 'asked':
    case 'listening':
    case 'open':
    case 'ended':
      throw new Error(`an invocation that is ${phase.is} has nothing to perform`)
    default:
      return impossible(phase)
  }
}

function begin(task: Task, phase: 'pending' | 'again' | 'waiting'): Promise<void> {
  const work = task.step.work
  switch (work.is) {
    case 'uses':
      return startAction(task)
    case 'decide':
      return invocationOf(task).decision === null ? decide(task, work) : startAction(task)
    case 'approve':
      return askQuestion(task, work)
    case 'wait':
      return phase === 'waiting' ? conclude(task, { v: 1, is: 'waited', at: task.at }) : wait(task, work)
    case 'call':
      return call(task, work)
    case 'end':
      return endRun(task, work)
    case 'group':
      throw new Error('a group is opened, not performed')
    default:
      return impossible(work)
  }
}

const waitMsMax = 366 * 86_400_000

async function wait(task: Task, { wait: word }: WaitWork): Promise<void> {
  const { at, held, engine } = task
  const nowMs = engine.clock.now()
  if ('event' in word) {
    const times = { sinceMs: hearsSince(task, nowMs), untilMs: nowMs + word.forMs }
    // Whoever listens looks at once, and only then the run may park.
    await tell(task, { v: 1, is: 'listening', at, ...times })
    return readAnswers(engine, held)
  }
  const untilMs = 'forMs' in word ? nowMs + word.forMs : timeOf(word.until.evaluate(scopeOfTask(task)))
  // A time that has passed needs no second look.
  if (untilMs <= nowMs) return conclude(task, { v: 1, is: 'waited', at })
  if (untilMs > nowMs + waitMsMax) throw new Failure('invalid', 'a wait ends within a year')
  await conclude(task, { v: 1, is: 'waiting', at, untilMs, why: 'wait' })
}

/**
 * Events since the run was born count, because an answer may come before the run has reached its wait; in a later
 * round those since that round began, so that no event is taken twice.
 */
function hearsSince({ held, at }: Task, nowMs: number): number {
  if (invocationAt(held.state, at).round === 0) return held.row.createdMs
  for (let dot = at.step.lastIndexOf('.'); dot > 0; dot = at.step.lastIndexOf('.', dot - 1)) {
    const group = invocationAt(held.state, { step: at.step.slice(0, dot), element: at.element })
    if (group.phase.is === 'open') return group.phase.sinceMs
  }
  return nowMs
}

function timeOf(value: unknown): number {
  const ms = typeof value === 'string' ? Date.parse(value) : Number.NaN
  if (Number.isNaN(ms)) throw new Failure('invalid', `wait until needs a time, not ${JSON.stringify(value)}`)
  return ms
}

const reasonCharactersMax = 500

async function endRun(task: Task, { status, reason }: EndWork): Promise<void> {
  const text = reason === null ? '' : renderValue(reason, scopeOfTask(task))
  const words = (typeof text === 'string' ? text : JSON.stringify(text))
    .slice(0, reasonCharactersMax)
    .toWellFormed()
  await conclude(task, { v: 1, is: 'ending', at: task.at, status, reason: words })
}

/** A step of the group failed: tried again as a whole, or ended. */
async function failGroup(task: Task, { kind, message, remedy }: RecordedError): Promise<void> {
  await cancelCalled(task.engine, task.held, task.at)
  const thrown = new Failure(kind, message, remedy === undefined ? {} : { remedy })
  const startedMs = task.engine.clock.monotonic()
  await tellFailed(task, { thrown, uses: null, startedMs, again: 'as the flow says' })
}
