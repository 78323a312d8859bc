// Where YAML reads something else than what stands there: plain texts that were cut, and errors said plainly.

import type { Scalar, YAMLParseError, YAMLWarning } from 'yaml'
import type { Finding, Source } from './source.ts'

/** A plain text that was cut by a comma or a comment leaves its brackets or quotes open. */
export function plainTrap(node: Scalar, where: 'flow' | 'block'): Finding | null {
  if (node.type !== 'PLAIN' || typeof node.value !== 'string') return null
  if (!opensMore(node.value)) return null
  if (where === 'flow')
    return {
      code: 'expression-unquoted',
      message: 'a comma inside { } or [ ] ends the value here, with a bracket or quote still open',
      hint: 'quote the whole value',
    }
  if (node.comment == null) return null
  return {
    code: 'expression-unquoted',
    message: 'the value ends before " #", which starts a comment, with a bracket or quote still open',
    hint: 'quote the whole value',
  }
}

function opensMore(text: string): boolean {
  let brackets = 0
  let quotes = 0
  for (const character of text) {
    if (character === '"') quotes += 1
    else if (quotes % 2 === 1) continue
    else if (character === '(' || character === '[') brackets += 1
    else if (character === ')' || character === ']') brackets -= 1
  }
  return brackets !== 0 || quotes % 2 === 1
}

/** An error of the YAML library in words that say what to do. */
export function syntaxFinding(source: Source, fault: YAMLParseError | YAMLWarning): Finding {
  const line = lineAround(source.text, fault.pos[0])
  const known = explanations[fault.code]
  if (known === undefined) return { code: 'yaml-syntax', message: decapitalised(fault.message) }
  const [message, hint] = known
  if (mightBeExpression(line) && quotable.has(fault.code))
    return { code: 'expression-unquoted', message, hint: 'quote the whole value, or write it below a |' }
  return { code: 'yaml-syntax', message, hint }
}

const quotable: ReadonlySet<string> = new Set([
  'BLOCK_AS_IMPLICIT_KEY',
  'UNEXPECTED_TOKEN',
  'BAD_SCALAR_START',
  'MULTILINE_IMPLICIT_KEY',
])

const explanations: Readonly<Record<string, readonly [message: string, hint: string]>> = {
  BLOCK_AS_IMPLICIT_KEY: [
    '": " inside a plain text starts a map',
    'quote the text, or indent the line below as a map',
  ],
  MULTILINE_IMPLICIT_KEY: ['a key cannot go over several lines', 'check the indentation of this line'],
  UNEXPECTED_TOKEN: ['YAML does not expect this here', 'quote the whole value, or check the indentation'],
  BAD_SCALAR_START: ['a plain text cannot start with @, ` or %', 'quote it'],
  TAB_AS_INDENT: ['a tab cannot indent', 'use spaces'],
  BAD_INDENT: [
    'the indentation does not fit the lines before',
    'give the lines of one block the same indentation',
  ],
  MISSING_CHAR: ['something that was opened is not closed', 'close the quote or the bracket'],
  NON_STRING_KEY: ['a key has to be a text', 'quote it'],
  IMPOSSIBLE: ['YAML cannot read this', 'check the lines around it'],
}

function mightBeExpression(line: string): boolean {
  return line.includes('${') || /^\s*(?:- )?\{?\s*(?:when|until|key|id):/.test(line)
}

function lineAround(text: string, offset: number): string {
  const start = text.lastIndexOf('\n', offset - 1) + 1
  const end = text.indexOf('\n', offset)
  return text.slice(start, end === -1 ? undefined : end)
}

function decapitalised(message: string): string {
  return message.slice(0, 1).toLowerCase() + message.slice(1)
}
