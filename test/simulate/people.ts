// The people of a simulated month: they say yes, no or nothing, and when nobody knows what happened, they look.

import type { Process, Site } from './process.ts'
import { impossible } from '../../runner/model/impossible.ts'
import type { Ticket } from '../../runner/store/tickets.ts'

const by = 'local:ana'

/** Answers what is asked now; what does not count now is asked again. */
export async function answerTickets(site: Site, { engine }: Process): Promise<number> {
  const pending = await engine.tickets.list({ states: ['pending'] })
  let answered = 0
  for (const ticket of pending) {
    const answer = answerTo(site, ticket)
    if (answer === null) continue
    await engine.tickets.answerLocal({ ...answer, code: ticket.code, by })
    answered += 1
  }
  return answered
}

type Answer = Omit<Parameters<Process['engine']['tickets']['answerLocal']>[0], 'code' | 'by'>

/** The same person says the same about the same ticket, whenever they look. */
function answerTo(site: Site, ticket: Ticket): Answer | null {
  const mood = Number.parseInt(ticket.code.slice(0, 4), 16) % 10
  const waitedMs = site.clock.now() - ticket.createdMs
  if (mood < 2 || waitedMs < mood * 600_000) return null
  switch (ticket.kind) {
    case 'action':
    case 'question':
      return mood < 7 ? { verb: 'approve' } : { verb: 'reject', reason: 'not today' }
    case 'unsure':
      return { verb: 'choose', choice: 'skip' }
    case 'unknown':
      return { verb: 'choose', choice: whatHappened(site, ticket, mood) }
    default:
      return impossible(ticket.kind)
  }
}

function whatHappened({ remote }: Site, ticket: Ticket, mood: number): string {
  const step = ticket.element === null ? ticket.step : `${ticket.step}#${ticket.element}`
  const happened = remote.record(ticket.run).some((one) => one.step === step && one.times > 0)
  if (happened) return 'succeeded'
  return mood < 6 ? 'again' : 'failed'
}
