// Data is never code: no expression inside a script, or inside the text of a command.

import { reportValue, type Bench, type Slot } from './bench.ts'
import type { Typed } from './compile-value.ts'
import type { Action } from '../model/action.ts'

/** Programs that run a text handed to them, and the options after which that text comes. */
const interpreters: readonly { readonly program: RegExp; readonly option: RegExp }[] = [
  { program: /^(?:ba|da|z|k|a|fi|c|tc)?sh$/, option: /^-[a-z]*c$|^--command$/ },
  { program: /^(?:python|pypy)[\d.]*$/, option: /^-[A-Za-z]*c$/ },
  { program: /^(?:node|nodejs|deno|bun)$/, option: /^(?:-e|-p|-pe|--eval|--print|eval)$/ },
  { program: /^(?:perl|ruby|lua|php|osascript|Rscript)[\d.]*$/, option: /^(?:-[A-Za-z]*[eErR]|--run)$/ },
  { program: /^(?:pwsh|powershell)$/i, option: /^-(?:c|command|e|ec|encodedcommand)$/i },
]
/** Here the first argument that is no option is the program text. */
const filters: ReadonlySet<string> = new Set(['awk', 'gawk', 'mawk', 'nawk', 'sed', 'gsed', 'jq', 'eval'])

export function checkScript(
  bench: Bench,
  { action, given }: { readonly action: Action; readonly given: readonly (readonly [string, Typed])[] },
): void {
  for (const [name, typed] of given) {
    if (action.sinks[name] !== 'command') continue
    if (Array.isArray(typed.json))
      checkArguments(
        bench,
        typed.parts.map(([, part]) => part),
      )
  }
}

function checkArguments(bench: Bench, parts: readonly Typed[]): void {
  const words = parts.map(({ value }) =>
    value.is === 'literal' && typeof value.value === 'string' ? value.value : null,
  )
  for (const [index, word] of words.entries()) {
    if (word === null) continue
    const program = word.split('/').at(-1) ?? word
    const script = scriptAfter(program, words, index)
    const part = script === null ? undefined : parts[script]
    if (part !== undefined && part.value.is !== 'literal') report(bench, part.slot)
  }
}

/** Index of the argument that the program runs as a text; null when there is none. */
function scriptAfter(program: string, words: readonly (string | null)[], index: number): number | null {
  const option = interpreters.find((interpreter) => interpreter.program.test(program))?.option
  if (option !== undefined) {
    const found = words.findIndex((word, at) => at > index && word !== null && option.test(word))
    return found === -1 ? null : found + 1
  }
  if (!filters.has(program)) return null
  const found = words.findIndex((word, at) => at > index && (word === null || !word.startsWith('-')))
  return found === -1 ? null : found
}

function report(bench: Bench, at: Slot): void {
  reportValue(bench, at, {
    code: 'script-template',
    message: 'an expression inside a script would turn data into code',
    hint: 'hand the value over as an argument of its own or in env, and let the script read it from there: "$1", "$NAME"',
  })
}
