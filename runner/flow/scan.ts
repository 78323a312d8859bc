// Before anything is composed: the tokens of a YAML text, within limits, and without the parts of YAML that are
// not accepted. Reading tokens is linear; composing is not, so hostile texts end here.

import { CST, Lexer, Parser } from 'yaml'
import type { Problem } from '../model/problem.ts'
import { problemAt, type Finding, type Source } from './source.ts'

/** A flow of 1,000 lines has about 8,000. */
export const tokensMax = 50_000
/** Flows reach 12. */
export const nestingMax = 32

export type Scanned = { readonly tokens: readonly CST.Token[] } | { readonly problem: Problem }

export function scan(source: Source): Scanned {
  const parser = new Parser()
  const tokens: CST.Token[] = []
  let offset = 0
  let count = 0
  let before = ''
  for (const lexeme of new Lexer().lex(source.text)) {
    const finding = (count += 1) > tokensMax ? tooMany : lexemeFinding(lexeme, before)
    if (finding !== null) return { problem: problemAt(source, offset, finding) }
    offset += lengthOf(lexeme)
    if (lexeme.trim() !== '' && lengthOf(lexeme) > 0) before = lexeme
    for (const token of parser.next(lexeme)) tokens.push(token)
  }
  for (const token of parser.end()) tokens.push(token)
  return walk(source, tokens)
}

const tooMany: Finding = {
  code: 'yaml-too-complex',
  message: `the file has more than ${tokensMax} parts`,
  hint: 'split it into several files',
}

/** The lexer marks where documents and scalars start with characters that are not in the text. */
function lengthOf(lexeme: string): number {
  return lexeme === '\u0002' || lexeme === '\u001f' || lexeme === '\u0018' ? 0 : lexeme.length
}

function lexemeFinding(lexeme: string, before: string): Finding | null {
  if (lexeme === '{' && before.endsWith('$')) return unquoted
  return lexeme.startsWith('"') && hasBadEscape(lexeme) ? wrongEscape : null
}

const unquoted: Finding = {
  code: 'expression-unquoted',
  message: 'inside { } and [ ] YAML takes the braces of an expression for its own',
  hint: 'quote the whole value: "${ … }"',
}

const wrongEscape: Finding = {
  code: 'yaml-syntax',
  message: 'the text in double quotes has a backslash that means nothing',
  hint: 'write \\\\ for a backslash, or use single quotes',
}

const escape = /\\(?:[0abtnvfre "/\\N_LP\t\r\n]|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})/y

function hasBadEscape(quoted: string): boolean {
  for (let at = quoted.indexOf('\\'); at !== -1; at = quoted.indexOf('\\', at + 2)) {
    escape.lastIndex = at
    if (!escape.test(quoted)) return true
  }
  return false
}

/** Without recursion, so that no depth can exhaust the stack. */
function walk(source: Source, roots: readonly CST.Token[]): Scanned {
  const open: { readonly token: CST.Token; readonly depth: number }[] = roots.map((token) => ({
    token,
    depth: 0,
  }))
  const found: { offset: number; finding: Finding }[] = documentsFinding(roots)
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { token, depth } = next
    const finding = depth > nestingMax ? tooDeep : tokenFinding(token)
    if (finding !== null) found.push({ offset: token.offset, finding })
    if (depth <= nestingMax)
      for (const inner of innerTokens(token)) open.push({ token: inner, depth: depth + step(token) })
  }
  const first = found.sort((a, b) => a.offset - b.offset)[0]
  return first === undefined ? { tokens: roots } : { problem: problemAt(source, first.offset, first.finding) }
}

function step(token: CST.Token): 0 | 1 {
  return token.type === 'document' ? 0 : 1
}

function innerTokens(token: CST.Token): CST.Token[] {
  const inner: CST.Token[] = []
  if ('start' in token && Array.isArray(token.start)) for (const part of token.start) inner.push(part)
  if ('props' in token) inner.push(...token.props)
  if (token.type === 'document' && token.value !== undefined) inner.push(token.value)
  if (!('items' in token)) return inner
  for (const item of token.items) {
    for (const part of item.start) inner.push(part)
    if (item.key) inner.push(item.key)
    if (item.sep) for (const part of item.sep) inner.push(part)
    if (item.value) inner.push(item.value)
  }
  return inner
}

const tooDeep: Finding = {
  code: 'yaml-too-complex',
  message: `the document nests deeper than ${nestingMax} levels`,
  hint: 'make it flatter',
}

function documentsFinding(roots: readonly CST.Token[]): { offset: number; finding: Finding }[] {
  const second = roots.filter((token) => token.type === 'document')[1]
  return second === undefined ? [] : [{ offset: second.offset, finding: secondDocument }]
}

const secondDocument: Finding = {
  code: 'yaml-unsafe',
  message: 'a file holds one document, and a second one begins here',
  hint: 'move it into a file of its own, or remove the ---',
}

function tokenFinding(token: CST.Token): Finding | null {
  switch (token.type) {
    case 'directive':
    case 'directive-line':
      return unsafe('directives (%) are not accepted', 'remove the line')
    case 'anchor':
      return unsafe('anchors (&) are not accepted', 'write the value out, or quote a text that starts with &')
    case 'alias':
      return unsafe(
        'aliases (*) are not accepted',
        'quote a text that starts with *, like "*.md"; else write the value out',
      )
    case 'tag':
      return token.source.startsWith('!!') || token.source.startsWith('!<')
        ? unsafe('tags (!!) are not accepted', 'remove it; quote a value that should be a text')
        : {
            code: 'expression-unquoted',
            message: `YAML takes ${token.source} for a tag and drops it`,
            hint: 'quote the whole value, like "!has(steps.a)"',
          }
    case 'single-quoted-scalar':
    case 'double-quoted-scalar':
      return token.source.length > 1 && token.source.endsWith(token.source.charAt(0))
        ? null
        : unclosed('quote')
    case 'flow-collection':
      return token.end.some((end) => end.type.endsWith('-end')) && token.end[0]?.type !== 'flow-error-end'
        ? null
        : unclosed('bracket')
    case 'scalar':
      return token.source === '<<' ? unsafe('merge keys (<<) are not accepted', 'write the values out') : null
    default:
      return null
  }
}

function unclosed(what: 'quote' | 'bracket'): Finding {
  return {
    code: 'yaml-syntax',
    message: `this ${what} is not closed`,
    hint: `close it, or quote the whole value`,
  }
}

function unsafe(message: string, hint: string): Finding {
  return { code: 'yaml-unsafe', message, hint }
}
