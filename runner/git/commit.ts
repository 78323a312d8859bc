// A commit object as Git stores it, read into what people see. Its dates and its text are whatever somebody wrote.

import { readable } from '../world/text.ts'

export interface CommitDescription {
  /** At most 2,000 characters. */
  readonly message: string
  /** `Ana <ana@example.com>`. */
  readonly author: string
  /** When it was committed, epoch milliseconds; before 1970 and after 2106 occur. */
  readonly timeMs: number
}

const messageCharactersMax = 2_000
const authorCharactersMax = 200
/** The range of JavaScript's Date, which every reader of these times uses. */
const dateMsMax = 8_640_000_000_000_000

export function parseCommit(object: Uint8Array): CommitDescription {
  const encoding = /^encoding (\S+)$/m.exec(headOf(Buffer.from(object).toString('latin1')))?.[1]
  const text = readable(object, encoding ?? 'utf-8', 'cut')
  const end = text.indexOf('\n\n')
  const head = headOf(text)
  const message = end < 0 ? '' : text.slice(end + 2)
  const person = /^author (.*)$/m.exec(head)?.[1] ?? ''
  const committer = /^committer (.*)$/m.exec(head)?.[1] ?? person
  return {
    message: shortened(message, messageCharactersMax).trim(),
    author: shortened(person.replace(/ -?\d+ [+-]?\d+$/, ''), authorCharactersMax),
    timeMs: timeOf(committer),
  }
}

function headOf(text: string): string {
  const end = text.indexOf('\n\n')
  return end < 0 ? text : text.slice(0, end)
}

function timeOf(person: string): number {
  const seconds = Number(/ (-?\d{1,20}) [+-]?\d+$/.exec(person)?.[1] ?? 0)
  return Math.max(-dateMsMax, Math.min(dateMsMax, seconds * 1000))
}

/** Cut between characters, not inside one. */
function shortened(text: string, charactersMax: number): string {
  return text.slice(0, charactersMax).toWellFormed()
}
