// A text file with its lines, and problems that point into it.

import type { Place, Problem, ProblemCode } from '../model/problem.ts'

export interface Source {
  readonly file: string
  readonly text: string
  /** Offset of the first character of each line. */
  readonly lineStarts: readonly number[]
}

export interface Finding {
  readonly code: ProblemCode
  /** One sentence without a full stop. */
  readonly message: string
  readonly hint?: string
  readonly severity?: Problem['severity']
}

export function sourceOf(file: string, text: string): Source {
  const lineStarts = [0]
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lineStarts.push(at + 1)
  return { file, text, lineStarts }
}

export function placeAt(source: Source, offset: number): Place {
  let low = 0
  let high = source.lineStarts.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((source.lineStarts[middle] ?? 0) <= offset) low = middle
    else high = middle - 1
  }
  return { file: source.file, line: low + 1, column: offset - (source.lineStarts[low] ?? 0) + 1 }
}

export function problemAt(source: Source, offset: number, finding: Finding): Problem {
  const place = placeAt(source, offset)
  const problem = problemIn(place, finding)
  const excerpt = place.column > excerptCharactersMax ? '' : lineOf(source, place.line)
  return excerpt.trim() === '' ? problem : { ...problem, excerpt }
}

/** For a file as a whole, or one that is not text. */
export function problemInFile(file: string, finding: Finding): Problem {
  return problemIn({ file, line: 1, column: 1 }, finding)
}

function problemIn(place: Place, { code, message, hint, severity = 'error' }: Finding): Problem {
  const problem: Problem = { code, severity, place, message: shown(message) }
  return hint === undefined ? problem : { ...problem, hint: shown(hint) }
}

function lineOf(source: Source, line: number): string {
  const start = source.lineStarts[line - 1] ?? 0
  const end = source.lineStarts[line] ?? source.text.length
  return shown(source.text.slice(start, Math.min(end, start + excerptCharactersMax)).trimEnd())
}

const excerptCharactersMax = 2_000

/** What could hide or turn the text around it on a terminal becomes visible; every character stays one character. */
function shown(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (character) => '·'.repeat(character.length))
}
