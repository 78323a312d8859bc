// The prompt of a decision: a trusted text of the same commit, into which nothing is pasted.

import type { DecideWork } from '../model/flow.ts'
import { reportValue, slot, type Bench } from './bench.ts'
import type { DecideDocument } from './document.ts'
import { findHidden } from './decode.ts'
import { problemAt, sourceOf } from './source.ts'

export const promptCharactersMax = 50_000

export function compilePrompt(bench: Bench, decide: DecideDocument): DecideWork['prompt'] {
  const path = decide.prompt
  const at = slot(decide, 'prompt')
  const file = bench.files.read(path)
  if ('problem' in file) {
    const missing = {
      code: 'file-missing',
      message: `there is no file ${path} in this commit`,
      hint: 'the path starts at the folder of the flows; commit the file with the flow',
    } as const
    if (file.problem === null) reportValue(bench, at, missing)
    else bench.problems.push(file.problem)
    return { path, text: '' }
  }
  const source = sourceOf(path, file.text)
  const hidden = findHidden(source)
  if (hidden !== null) bench.problems.push(hidden)
  const template = file.text.indexOf('${')
  if (template !== -1)
    bench.problems.push(
      problemAt(source, template, {
        code: 'decide',
        message: 'a prompt holds no ${ }: data is never pasted into instructions',
        hint: 'hand the value over below given:',
      }),
    )
  if (file.text.trim() === '')
    reportValue(bench, at, {
      code: 'decide',
      message: `the prompt ${path} is empty`,
      hint: 'say what is to be decided, and how',
    })
  if (file.text.length > promptCharactersMax)
    reportValue(bench, at, {
      code: 'decide',
      message: `the prompt has ${file.text.length} characters, the limit is ${promptCharactersMax}`,
      hint: 'move knowledge into a file that given: hands over',
    })
  return { path, text: file.text }
}
