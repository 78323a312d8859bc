// Performing one invocation: decision, approval and action are called from here, in that order, and return here.

import { answerOf } from './answer.ts'
import { decide } from './decide.ts'
import { startAction } from './gate.ts'
import { askQuestion } from './question.ts'
import { resume } from './resume.ts'
import { invocationOf, LostRun, scopeOfTask, type Task, tell, tellFailed } from './task.ts'
import { Failure } from '../model/error.ts'
import type { WaitWork } from '../model/flow.ts'
import { impossible } from '../model/impossible.ts'

/** Takes an invocation one step further; everything that happened is in the journal when this resolves. */
export async function perform(task: Task): Promise<void> {
  const startedMs = task.engine.clock.monotonic()
  try {
    await go(task)
  } catch (thrown) {
    if (thrown instanceof LostRun || task.held.lost) return
    const work = task.step.work
    await tellFailed(task, {
      thrown,
      uses: work.is === 'uses' ? work.uses : null,
      startedMs,
      again: 'as the flow says',
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
    case 'pending':
    case 'retrying':
    case 'waiting':
      return begin(task, phase.is)
    case 'asked':
    case 'ended':
      throw new Error(`an invocation that is ${phase.is} has nothing to perform`)
    default:
      return impossible(phase)
  }
}

function begin(task: Task, phase: 'pending' | 'retrying' | 'waiting'): Promise<void> {
  const work = task.step.work
  switch (work.is) {
    case 'uses':
      return startAction(task)
    case 'decide':
      return invocationOf(task).decision === null ? decide(task, work) : startAction(task)
    case 'approve':
      return askQuestion(task, work)
    case 'wait':
      return phase === 'waiting' ? tell(task, { v: 1, is: 'waited', at: task.at }) : wait(task, work)
    default:
      return impossible(work)
  }
}

const waitMsMax = 366 * 86_400_000

async function wait(task: Task, work: WaitWork): Promise<void> {
  const nowMs = task.engine.clock.now()
  const untilMs =
    'forMs' in work.wait ? nowMs + work.wait.forMs : timeOf(work.wait.until.evaluate(scopeOfTask(task)))
  if (untilMs > nowMs + waitMsMax) throw new Failure('invalid', 'a wait ends within a year')
  await tell(task, { v: 1, is: 'waiting', at: task.at, untilMs, why: 'wait' })
}

function timeOf(value: unknown): number {
  const ms = typeof value === 'string' ? Date.parse(value) : Number.NaN
  if (Number.isNaN(ms)) throw new Failure('invalid', `wait until needs a time, not ${JSON.stringify(value)}`)
  return ms
}
