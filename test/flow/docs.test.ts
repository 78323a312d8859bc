import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { actions } from '../../actions/index.ts'
import { failureKinds } from '../../runner/model/error.ts'
import { commit } from '../../runner/model/id.ts'
import { problemCodes, showProblem } from '../../runner/model/problem.ts'
import { loadRevision } from '../../runner/flow/load.ts'
import { macros, signatures } from '../../runner/flow/signatures.ts'

const root = join(import.meta.dirname, '../..')
const flows = readFileSync(join(root, 'docs/FLOWS.md'), 'utf8')
const errors = readFileSync(join(root, 'docs/ERRORS.md'), 'utf8')
const readme = readFileSync(join(root, 'README.md'), 'utf8')

interface Block {
  readonly text: string
  readonly line: number
}

function blocksOf(markdown: string): readonly Block[] {
  return [...markdown.matchAll(/^```yaml\n(.*?)^```$/gms)].map((match) => ({
    text: match[1] ?? '',
    line: markdown.slice(0, match.index).split('\n').length,
  }))
}

const blocks = blocksOf(flows)
const policy = blocks.find(({ text }) => text.includes('kind: Policy'))?.text ?? ''
const head = 'apiVersion: watchbill/v1\nkind: Flow\nname: orders\n'
const trigger = 'on: { change: { git: {} } }\n'
const inputs =
  'inputs: { public: { type: boolean, default: false }, mailbox: { type: string, default: support } }\n'
const step = 'steps:\n  - id: a\n    uses: log.record\n    with: { message: x }\n'

/** A whole document as it is; steps and words of a flow get what is missing around them. */
function whole(text: string): string {
  if (/^apiVersion:/m.test(text)) return text
  const bare = text.replace(/^# problem:.*\n/, '')
  if (bare.startsWith('- ')) return `${head}${trigger}${inputs}steps:\n${bare}`
  const parts = [head]
  if (!/^inputs:/m.test(bare)) parts.push(inputs)
  parts.push(bare)
  if (!/^steps:/m.test(bare)) parts.push(step)
  return parts.join('')
}

function problemsOf(text: string): ReturnType<typeof loadRevision>['problems'] {
  const names = [...text.matchAll(/(?:prompts|knowledge)\/[a-z-]+\.md/g)].map(([path]) => path)
  const files = Object.fromEntries(names.map((path) => [path, 'A text.']))
  const document = whole(text)
  const own = document.includes('kind: Policy') ? {} : { 'orders.yaml': document }
  const called = [...text.matchAll(/^ *call: ([a-z-]+)$/gm)].map(([, name = '']): [string, string] => [
    `${name}.yaml`,
    blocks.find((block) => block.text.includes(`\nname: ${name}\n`))?.text ?? '',
  ])
  const entries = Object.entries({ ...files, ...own, ...Object.fromEntries(called), 'policy.yaml': policy })
  const encoder = new TextEncoder()
  const source = {
    commit: commit('a'.repeat(40)),
    files: new Map(entries.map(([path, content]) => [path, encoder.encode(content)])),
  }
  return loadRevision(source, actions).problems.filter(
    (problem) => !problem.message.includes('about the flow'),
  )
}

for (const { text, line } of blocks) {
  const expected = /^# problem: (\S+)/.exec(text)?.[1]
  test(`the example at FLOWS.md:${line} ${expected === undefined ? 'compiles without a word' : `is told as ${expected}`}`, () => {
    const problems = problemsOf(text)
    if (expected === undefined) assert.deepEqual(problems.map(showProblem), [])
    else assert.deepEqual([...new Set(problems.map((problem) => problem.code))], [expected])
  })
}

for (const { text, line } of blocksOf(readme)) {
  test(`the example at README.md:${line} compiles`, () => {
    assert.deepEqual(problemsOf(text).map(showProblem), [])
  })
}

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>
  readonly definitions?: Readonly<Record<string, Schema>>
  readonly items?: Schema
  readonly additionalProperties?: Schema | boolean
}

function wordsOf(schema: Schema): readonly string[] {
  const inner = [
    ...Object.values(schema.definitions ?? {}),
    ...Object.values(schema.properties ?? {}),
    schema.items,
    schema.additionalProperties,
  ]
  return [
    ...Object.keys(schema.properties ?? {}),
    ...inner.flatMap((one) => (typeof one === 'object' ? wordsOf(one) : [])),
  ]
}

test('FLOWS.md explains every word of the schemas', () => {
  const files = ['flow', 'step', 'policy', 'words'].map((name) => join(root, `schema/${name}.schema.json`))
  const words = files.flatMap((file) => wordsOf(JSON.parse(readFileSync(file, 'utf8')) as Schema))
  const missing = [...new Set(words)].filter(
    (word) => !new RegExp(`\`[^\`]*\\b${word}\\b[^\`]*\``).test(flows),
  )
  assert.deepEqual(missing, [])
})

test('FLOWS.md names every function of expressions', () => {
  const missing = [...signatures.keys(), ...macros].filter((name) => !new RegExp(`\\b${name}\\b`).test(flows))
  assert.deepEqual(missing, [])
})

test('FLOWS.md names every action', () => {
  assert.deepEqual(
    actions.map((action) => action.name).filter((name) => !flows.includes(`\`${name}\``)),
    [],
  )
})

test('links inside FLOWS.md and ERRORS.md lead somewhere', () => {
  const anchorsOf = (text: string): ReadonlySet<string> =>
    new Set(
      [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
        title
          .toLowerCase()
          .replaceAll(/[^a-z0-9 _-]/g, '')
          .replaceAll(' ', '-'),
      ),
    )
  const texts: Readonly<Record<string, string>> = { 'FLOWS.md': flows, 'ERRORS.md': errors }
  for (const [name, text] of Object.entries(texts))
    for (const [link, file, anchor] of text.matchAll(/\]\(([A-Z]+\.md)?#([^)]+)\)/g))
      assert.ok(anchorsOf(texts[file ?? name] ?? '').has(anchor ?? ''), `${name}: ${link}`)
})

/** Rows of a table of ERRORS.md: what stands in backticks first, and the second column. */
function rowsBelow(title: string): ReadonlyMap<string, string> {
  const chapter = errors.split(/^## /m).find((part) => part.startsWith(title)) ?? ''
  return new Map(
    [...chapter.matchAll(/^\| `([^`]+)` \| ([^|]+) \|/gm)].map(([, code = '', means = '']) => [
      code,
      means.trim(),
    ]),
  )
}

test('ERRORS.md lists every problem code with its meaning, and no other', () => {
  assert.deepEqual(Object.fromEntries(rowsBelow('Problems')), { ...problemCodes })
})

test('ERRORS.md lists every kind of error, and no other', () => {
  assert.deepEqual([...rowsBelow('Kinds').keys()], [...failureKinds])
})
