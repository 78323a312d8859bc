// What a comment says: the command on its first non-blank line, found in one pass.

import { holdsHidden } from './neutral.ts'

export const commentCharactersMax = 65_536

/** Words that stand after a slash. The last three are read by later parts; here they make a comment ambiguous. */
const verbs = ['approve', 'reject', 'revoke', 'choose', 'done', 'retry', 'resolve', 'undo', 'run'] as const
type Verb = (typeof verbs)[number]

export type Command =
  | { readonly is: 'approve'; readonly code: string }
  | { readonly is: 'reject'; readonly reason: string }
  | { readonly is: 'revoke' }
  | { readonly is: 'choose'; readonly code: string; readonly choice: string }
  | { readonly is: 'done'; readonly code: string }

export type Read =
  | { readonly is: 'command'; readonly command: Command }
  /** A command was meant, but does not count. */
  | { readonly is: 'void'; readonly why: string }
  | { readonly is: 'nothing' }

/**
 * The command of a comment. It stands alone on the first non-blank line, at its very beginning, in printable
 * ASCII (the reason of a no may be in any language, but hides nothing); a second command outside fences, quotes
 * and e-mail tails makes the comment void. CRLF is LF.
 */
export function commandOf(comment: string): Read {
  if (comment.length > commentCharactersMax) return wrong('the comment is longer than GitHub allows')
  const first = firstLine(comment)
  if (first === null || comment.charCodeAt(first.start) !== slash) return { is: 'nothing' }
  const verb = verbAt(comment, first.start, first.end)
  if (verb === null) return { is: 'nothing' }
  const line = comment.slice(first.start, first.end)
  const isNo = verb === 'reject' || verb === 'revoke'
  if (isNo ? holdsHidden(line.replaceAll('\t', ' ')) : !isPrintableAscii(line))
    return wrong('the line holds a character that is hidden or not plain ASCII')
  if (hasSecond(comment, first.end)) return wrong('the comment holds a second command')
  return parsed(verb, line)
}

interface Line {
  readonly start: number
  /** Without the line break. */
  readonly end: number
}

const lineFeed = 10
const carriageReturn = 13
const tab = 9
const space = 32
const slash = 47

function firstLine(text: string): Line | null {
  for (let start = 0; start < text.length;) {
    const line = lineAt(text, start)
    if (!isBlank(text, line)) return line
    start = nextStart(text, line)
  }
  return null
}

function lineAt(text: string, start: number): Line {
  const found = text.indexOf('\n', start)
  const broken = found === -1 ? text.length : found
  const end = broken > start && text.charCodeAt(broken - 1) === carriageReturn ? broken - 1 : broken
  return { start, end }
}

function nextStart(text: string, line: Line): number {
  let at = line.end
  while (at < text.length && text.charCodeAt(at) !== lineFeed) at++
  return at + 1
}

/** Only spaces and tabs: a character that merely looks empty is not blank. */
function isBlank(text: string, line: Line): boolean {
  for (let at = line.start; at < line.end; at++) {
    const code = text.charCodeAt(at)
    if (code !== space && code !== tab) return false
  }
  return true
}

function isPrintableAscii(line: string): boolean {
  for (let at = 0; at < line.length; at++) {
    const code = line.charCodeAt(at)
    if ((code < space || code > 126) && code !== tab) return false
  }
  return true
}

/** The verb at a slash when its word ends there; whatever follows a known verb is a command that was meant. */
function verbAt(text: string, start: number, end: number): Verb | null {
  if (text.charCodeAt(start) !== slash) return null
  for (const verb of verbs) {
    const after = start + 1 + verb.length
    if (after > end || !text.startsWith(verb, start + 1)) continue
    if (after === end || !isLowerLetter(text.charCodeAt(after))) return verb
  }
  return null
}

function isLowerLetter(code: number): boolean {
  return code >= 97 && code <= 122
}

function hasSecond(text: string, from: number): boolean {
  let fence = ''
  let line = lineAt(text, nextStart(text, { start: from, end: from }))
  for (; line.start < text.length; line = lineAt(text, nextStart(text, line))) {
    const start = afterBlanks(text, line)
    if (start === line.end) continue
    const mark = fenceAt(text, start, line.end)
    if (fence === '' && isTail(text, start, line.end)) return false
    if (fence === '' && mark !== '') fence = mark
    else if (
      fence !== '' &&
      mark.startsWith(fence) &&
      isBlank(text, { start: start + mark.length, end: line.end })
    )
      fence = ''
    else if (fence === '' && verbAt(text, start, line.end) !== null) return true
  }
  return false
}

function afterBlanks(text: string, line: Line): number {
  let at = line.start
  while (at < line.end && (text.charCodeAt(at) === space || text.charCodeAt(at) === tab)) at++
  return at
}

/** The run of backticks or tildes, three or more, that opens or closes a fence here; else empty. */
function fenceAt(text: string, start: number, end: number): string {
  const mark = text.charAt(start)
  if (mark !== '`' && mark !== '~') return ''
  let at = start
  while (at < end && text.charAt(at) === mark) at++
  return at - start >= 3 ? text.slice(start, at) : ''
}

const originalMarks = ['-----Original Message-----', '________________________________', 'From: ', '-- ']

/** Where an e-mail's signature or the quoted mail begins: nothing below is the author's own command. */
function isTail(text: string, start: number, end: number): boolean {
  if (originalMarks.some((mark) => text.startsWith(mark, start) && start + mark.length <= end)) return true
  if (end - start === 2 && text.startsWith('--', start)) return true
  return text.startsWith('On ', start) && text.slice(Math.max(start, end - 7), end) === ' wrote:'
}

function parsed(verb: Verb, line: string): Read {
  const words = line.split(/[ \t]/).filter((word) => word !== '')
  const [, first = '', second = ''] = words
  if (verb === 'reject') return { is: 'command', command: { is: verb, reason: line.slice(7).trim() } }
  if (verb === 'revoke') return { is: 'command', command: { is: verb } }
  if (verb === 'approve' || verb === 'done') {
    if (words.length !== 2 || words[0] !== `/${verb}` || !isCode(first))
      return wrong(`/${verb} takes the code alone`)
    return { is: 'command', command: { is: verb, code: first } }
  }
  if (verb === 'choose') {
    if (words.length !== 3 || !isCode(first) || !isName(second))
      return wrong('/choose takes a code and a choice')
    return { is: 'command', command: { is: verb, code: first, choice: second } }
  }
  return wrong(`/${verb} is not answered on a ticket`)
}

function wrong(why: string): Read {
  return { is: 'void', why }
}

/** Twelve lower-case hex digits. */
export function isCode(text: string): boolean {
  return text.length === 12 && isMadeOf(text, '0123456789abcdef')
}

const nameCharactersMax = 100

function isName(text: string): boolean {
  if (text.length > nameCharactersMax || !isLowerLetter(text.charCodeAt(0))) return false
  return isMadeOf(text, 'abcdefghijklmnopqrstuvwxyz0123456789_')
}

/** Whether every character of the text is one of these. */
export function isMadeOf(text: string, characters: string): boolean {
  for (const character of text) if (!characters.includes(character)) return false
  return true
}
