// What became of an approved action: recorded first, then told where people said yes.

import { appendAudit, auditOf } from '../store/audit.ts'
import { addMessage } from '../store/outbox.ts'
import { ticketById } from '../store/tickets.ts'
import { changeTickets, type TicketParts } from './change.ts'
import { inlineCode } from './neutral.ts'

export interface TicketResult {
  readonly status: 'succeeded' | 'failed' | 'unknown'
  /** One sentence, without secrets. */
  readonly text: string
}

/** The same result again says nothing; another one (a later attempt, or what people found) is added. */
export async function report(parts: TicketParts, id: string, result: TicketResult): Promise<void> {
  await changeTickets(parts, async (tx) => {
    const ticket = await ticketById(tx, id)
    if (ticket === null || ticket.state !== 'claimed') throw new Error(`ticket ${id} was not claimed`)
    const known = (await auditOf(tx, id)).filter((row) => row.kind === 'result')
    const last = known.at(-1)?.body
    if (last?.['status'] === result.status && last['text'] === result.text) return
    const atMs = parts.clock.now()
    const body = { status: result.status, text: result.text }
    await appendAudit(tx, { atMs, ticket: id, kind: 'result', body })
    if (ticket.transport !== 'github') return
    const message = { id: `${id}:result:${known.length + 1}`, ticket: id, nextMs: atMs }
    const text = `${resultWords[result.status]} ${inlineCode(result.text)}`
    await addMessage(tx, { ...message, kind: 'comment', body: { text } })
    if (result.status === 'unknown') return
    const close = { id: `${message.id}:close`, nextMs: atMs + 1, body: { reason: 'completed' } }
    await addMessage(tx, { ...message, ...close, kind: 'close' })
  })
}

const resultWords: Readonly<Record<TicketResult['status'], string>> = {
  succeeded: 'Done:',
  failed: 'It ran and failed:',
  unknown: 'Nobody knows yet whether it happened:',
}
