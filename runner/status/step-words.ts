// What a step of a flow does, in a few words.

import { count, duration, type Speech } from './format.ts'
import type { Step, Trigger, Work } from '../model/flow.ts'
import { impossible } from '../model/impossible.ts'

export function workWords(speech: Speech, work: Work): string {
  const { text } = speech
  switch (work.is) {
    case 'uses':
      return work.uses
    case 'decide':
      if (work.choices.length === 0) return text.flow.write
      return text.flow.choose(work.choices.map((choice) => choice.name).join(' · '))
    case 'approve':
      return text.flow.asks
    case 'wait':
      if ('event' in work.wait) return text.flow.waitEvent(work.wait.event.kind)
      return 'forMs' in work.wait
        ? text.flow.waitFor(duration(speech, work.wait.forMs))
        : text.flow.waitUntil(work.wait.until.source)
    case 'call':
      return text.flow.call(work.flow)
    case 'group':
      return text.flow.group(count(speech, work.steps.length))
    case 'end':
      return text.flow.end(work.status)
    default:
      return impossible(work)
  }
}

/** Everything the picture says of a step, as words: for those who do not see it. */
export function stepWords(speech: Speech, step: Step): string {
  const { flow } = speech.text
  const when = step.when === null ? [] : [flow.when(step.when.source)]
  const each = step.each === null ? [] : [flow.each(step.each.list.source)]
  const after = step.needs.length === 0 ? flow.first : flow.after(step.needs.join(', '))
  return [workWords(speech, step.work), ...each, ...when, after].join(' · ')
}

export function triggerWords(speech: Speech, trigger: Trigger): string {
  const { flow } = speech.text
  switch (trigger.kind) {
    case 'schedule':
      return 'cron' in trigger.rhythm
        ? flow.cron(trigger.rhythm.cron, trigger.timezone)
        : flow.every(duration(speech, trigger.rhythm.everyMs))
    case 'webhook':
      return flow.hook(trigger.auth)
    case 'git':
      return trigger.paths.length === 0 ? flow.anyCommit : flow.paths(trigger.paths.join(', '))
    default:
      return impossible(trigger)
  }
}
