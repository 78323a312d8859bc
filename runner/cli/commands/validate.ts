import type { Command } from 'commander'
import { readTree } from './tree.ts'
import { coloured, print, printJson, say } from './terminal.ts'
import { Stop } from '../../model/error.ts'
import { commit } from '../../model/id.ts'
import { type Problem, showProblem } from '../../model/problem.ts'

type Format = 'text' | 'json' | 'github'

/** `watchbill validate [PATH]`: schema, references, types and trust of a folder or one file, as it lies on disk. */
export function addValidate(program: Command): void {
  program
    .command('validate')
    .description('check flows and policy: schema, references, types, trust')
    .argument('[path]', 'a folder of flows, or one file in it', 'flows')
    .option('--format <format>', 'text, json or github', 'text')
    .addHelpText('after', '\nExample:\n  watchbill validate flows')
    .action(async (path: string, options: { format: string }) => {
      const format = formatOf(options.format)
      const tree = readTree(path)
      const [{ loadRevision }, { actions }] = await Promise.all([
        import('../../flow/load.ts'),
        import('../../../actions/index.ts'),
      ])
      const revision = loadRevision({ commit: commit('0'.repeat(40)), files: tree.files }, actions)
      const found = [...tree.problems, ...revision.problems].filter(
        (problem) => tree.only === null || problem.place.file === tree.only,
      )
      const problems = found.map((problem) => ({
        ...problem,
        place: { ...problem.place, file: `${tree.shown}/${problem.place.file}` },
      }))
      report(problems, format, revision.flows.length)
      if (problems.some((problem) => problem.severity === 'error')) process.exitCode = 1
    })
}

function formatOf(text: string): Format {
  if (text === 'text' || text === 'json' || text === 'github') return text
  throw new Stop(2, `--format ${text} is not known`, 'one of text, json, github')
}

function report(problems: readonly Problem[], format: Format, flows: number): void {
  if (format === 'json') return printJson({ items: problems, flows })
  if (format === 'github') return problems.forEach((problem) => print(annotation(problem)))
  for (const problem of problems) say(showProblem(problem))
  const errors = problems.filter((problem) => problem.severity === 'error').length
  const warnings = problems.length - errors
  const rest = warnings === 0 ? '' : `, ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`
  if (errors > 0) say(coloured('red', `${errors} ${errors === 1 ? 'problem' : 'problems'}${rest}`))
  else print(coloured('green', `✓ ${flows} ${flows === 1 ? 'flow is' : 'flows are'} valid${rest}`))
}

/** https://docs.github.com/actions/reference/workflow-commands-for-github-actions#setting-an-error-message */
function annotation({ severity, place, message, hint, code }: Problem): string {
  const escape = (text: string): string =>
    text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
  const property = (text: string): string => escape(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
  const words = hint === undefined ? message : `${message} — ${hint}`
  return `::${severity} file=${property(place.file)},line=${place.line},col=${place.column},title=${property(code)}::${escape(words)}`
}
