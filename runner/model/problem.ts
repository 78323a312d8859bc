// The author's mistakes: returned, collected, each with a place and a remedy. Never thrown.

/** One-based line and column; 1,1 when the whole file is meant. */
export interface Place {
  readonly file: string
  readonly line: number
  readonly column: number
}

export interface Problem {
  readonly code: ProblemCode
  readonly severity: 'error' | 'warning'
  readonly place: Place
  /** What is wrong, in one sentence without a full stop. */
  readonly message: string
  /** What to do about it. */
  readonly hint?: string
  /** The line of the file that `place` names, for the caret. */
  readonly excerpt?: string
}

/** Every code a problem can carry. `docs/ERRORS.md` is tested against this table; a code is never reused. */
export const problemCodes = {
  'file-too-large': 'The file is larger than the limit.',
  'file-not-regular': 'The path is a symbolic link, a submodule or another thing that is not a regular file.',
  'file-lfs-pointer': 'The file is a Git LFS pointer, not the content itself.',
  'file-name': 'The path has a name that is not allowed.',
  'file-name-collision': 'Two paths differ only in case, so some machines see one file.',
  'too-many-files': 'The folder holds more files than the limit.',
  encoding: 'The file is not valid UTF-8, or holds characters that cannot be stored.',
  'hidden-characters': 'The file holds invisible or direction-changing characters.',
  'yaml-syntax': 'The file is not valid YAML 1.2.',
  'yaml-unsafe':
    'The file uses a part of YAML that is not accepted: tags, aliases, merge keys, several documents.',
  'yaml-too-complex': 'Parsing took longer or nested deeper than the limit.',
  'kind-unknown': 'The document is not one of the kinds this system reads.',
  schema: 'A value does not fit the schema.',
  'unknown-key': 'A key is not known here.',
  'missing-key': 'A required key is missing.',
  'name-mismatch': 'Two files have the same name, or the policy stands twice.',
  'expression-syntax': 'The expression is not valid CEL.',
  'expression-type': 'The expression gives another type than this place takes.',
  'expression-unquoted': 'YAML reads this differently from how it looks; quote it.',
  'reference-unknown': 'The name does not exist.',
  'reference-unguarded': 'The step may not have run when this is evaluated.',
  'each-nested': 'An `each` stands inside another.',
  unreachable: 'The step can never run.',
  'flow-unknown': 'There is no flow of that name to call.',
  'call-cycle': 'Flows call each other in a circle.',
  'call-depth': 'A chain of calls is longer than the limit.',
  'call-input': 'The values do not fit the inputs of the flow that is called, or it cannot be called.',
  'reference-cycle': 'Steps need each other in a circle.',
  'file-missing': 'The file that is named does not exist in this commit.',
  'action-unknown': 'There is no such action.',
  'action-input': 'The input does not fit the action.',
  cron: 'The schedule is not valid.',
  decide: 'The choices cannot be asked as they stand.',
  'script-template': 'An expression stands inside a command, where data would become code.',
  policy: 'The policy contradicts itself or names something that does not exist.',
  trust: 'Untrusted data reaches a place that decides where an action goes; it will ask people.',
} as const

export type ProblemCode = keyof typeof problemCodes

/** `file:line:column: message — hint [code]`, then the line with a caret below the column. */
export function showProblem(problem: Problem): string {
  const { file, line, column } = problem.place
  const warning = problem.severity === 'warning' ? 'warning: ' : ''
  const hint = problem.hint === undefined ? '' : ` — ${problem.hint}`
  const head = `${file}:${line}:${column}: ${warning}${problem.message}${hint} [${problem.code}]`
  if (problem.excerpt === undefined) return head
  return `${head}\n  ${showExcerpt(problem.excerpt, column).replace('\n', '\n  ')}`
}

/** The part of a line around a column, and below it a line with the caret. */
export function showExcerpt(line: string, column: number): string {
  const start = Math.max(0, column - 61)
  return `${line.slice(start, start + 100)}\n${' '.repeat(Math.max(0, column - 1 - start))}^`
}
