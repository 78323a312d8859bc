// An entry of the journal in a few words, and the state whose shape stands beside it.

import { count, type Speech } from './format.ts'
import type { Mark } from './mark.ts'
import { impossible } from '../model/impossible.ts'
import type { Fact } from '../model/journal.ts'

export function factWords(speech: Speech, fact: Fact): string {
  const { facts } = speech.text
  switch (fact.is) {
    case 'skipped':
      return facts.skipped(fact.why)
    case 'listed':
      return facts.listed(count(speech, fact.items.length))
    case 'decided':
      return facts.decided(fact.choice)
    case 'asked':
      return facts.asked
    case 'answered':
      return facts.answered
    case 'intended':
      return facts.intended(fact.action.uses)
    case 'succeeded':
      return facts.succeeded
    case 'failed':
      return facts.failed(fact.error.kind)
    case 'denied':
      return facts.denied(fact.answer)
    case 'waiting':
      return facts.waiting
    case 'waited':
      return facts.waited
    case 'cancel_requested':
      return facts.cancel_requested(fact.by)
    case 'failing':
      return facts.failing(fact.step)
    case 'began':
      return facts.began
    case 'opened':
      return facts.opened
    case 'repeated':
      return facts.repeated(count(speech, fact.round + 1))
    case 'settled':
      return facts.settled
    case 'called':
      return facts.called
    case 'listening':
      return facts.listening
    case 'heard':
      return fact.event === null ? facts.silent : facts.heard
    case 'ending':
      return facts.ending(fact.status)
    case 'retried':
      return facts.retried(fact.by, fact.steps.join(', '))
    default:
      return impossible(fact)
  }
}

export function factMark(fact: Fact): Mark {
  switch (fact.is) {
    case 'skipped':
      return 'skipped'
    case 'listed':
    case 'began':
    case 'opened':
    case 'retried':
      return 'pending'
    case 'decided':
    case 'answered':
    case 'succeeded':
    case 'waited':
    case 'settled':
    case 'heard':
      return 'succeeded'
    case 'asked':
      return 'people'
    case 'intended':
      return 'running'
    case 'failed':
    case 'failing':
      return 'failed'
    case 'denied':
      return 'denied'
    case 'waiting':
    case 'listening':
    case 'called':
    case 'repeated':
      return 'waiting'
    case 'ending':
      return fact.status
    case 'cancel_requested':
      return 'cancelled'
    default:
      return impossible(fact)
  }
}
