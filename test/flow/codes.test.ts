import assert from 'node:assert/strict'
import { test } from 'node:test'
import { problemCodes, type ProblemCode } from '../../runner/model/problem.ts'
import { head, load, policyHead } from './bring.ts'

const step = 'steps:\n  - id: a\n    uses: log.record\n    with: { message: x }\n'

/** Told by whoever reads the repository, before a file is looked into. */
const elsewhere: ReadonlySet<string> = new Set([
  'file-not-regular',
  'file-lfs-pointer',
  'file-name-collision',
  'too-many-files',
])

type Files = Readonly<Record<string, string | Uint8Array>>

const examples: Readonly<Record<ProblemCode, Files>> = {
  'file-too-large': { 'a.yaml': 'x'.repeat(300_000) },
  'file-not-regular': {},
  'file-lfs-pointer': {},
  'file-name-collision': {},
  'too-many-files': {},
  'file-name': { 'a.yml': head + step },
  encoding: { 'a.yaml': new Uint8Array([0xff]) },
  'hidden-characters': { 'a.yaml': 'a: \u202e' },
  'yaml-syntax': { 'a.yaml': 'a: b: c' },
  'yaml-unsafe': { 'a.yaml': 'a: &b c' },
  'yaml-too-complex': { 'a.yaml': '['.repeat(100) + ']'.repeat(100) },
  'kind-unknown': { 'a.yaml': 'kind: Flou' },
  schema: { 'a.yaml': `${head}owner: ana\n${step}` },
  'unknown-key': { 'a.yaml': `${head}ownr: x\n${step}` },
  'missing-key': { 'a.yaml': head },
  'name-mismatch': { 'a.yaml': head + step, 'b.yaml': head + step },
  'expression-syntax': { 'a.yaml': `${head}${step}    when: 1 +\n` },
  'expression-type': { 'a.yaml': `${head}${step}    when: 1 + 1\n` },
  'expression-unquoted': { 'a.yaml': `${head}${step}    when: !x\n` },
  'reference-unknown': { 'a.yaml': `${head}${step}    when: x\n` },
  'reference-unguarded': {
    'a.yaml': `${head}on: { g: { git: {} } }\ninputs: { n: { type: boolean } }\n${step}    when: inputs.n\n`,
  },
  'each-nested': {
    'a.yaml': `${head}steps:\n  - id: g\n    each: [1]\n    as: one\n    steps:\n      - id: a\n        each: [2]\n        uses: log.record\n        with: { message: x }\n`,
  },
  unreachable: { 'a.yaml': `${head}steps:\n  - { id: e, end: succeeded }\n${step.slice(7)}` },
  'flow-unknown': { 'a.yaml': `${head}steps:\n  - { id: a, call: nobody }\n` },
  'call-cycle': { 'a.yaml': `${head}steps:\n  - { id: a, call: demo }\n` },
  'call-depth': Object.fromEntries(
    [0, 1, 2, 3, 4, 5, 6].map((n) => [
      `${n}.yaml`,
      head.replace('demo', `f${n}`) + (n === 0 ? step : `steps: [{ id: a, call: f${n - 1} }]\n`),
    ]),
  ),
  'call-input': {
    'a.yaml': `${head}steps:\n  - { id: a, call: other, with: { n: 1 } }\n`,
    'b.yaml': head.replace('demo', 'other') + step,
  },
  'reference-cycle': { 'a.yaml': `${head}${step}    needs: [a]\n` },
  'file-missing': { 'a.yaml': `${head}${step}    when: file("x.md") == ""\n` },
  'action-unknown': { 'a.yaml': `${head}${step.replace('log.record', 'log.recrd')}` },
  'action-input': { 'a.yaml': `${head}${step.replace('message', 'mesage')}` },
  cron: { 'a.yaml': `${head}on: { t: { schedule: { cron: "x", timezone: UTC } } }\n${step}` },
  decide: {
    'a.yaml': `${head}steps:\n  - id: a\n    decide: { prompt: p.md, choose: { unsure: { means: x } } }\n`,
    'p.md': 'x',
  },
  'script-template': {
    'a.yaml': `${head}steps:\n  - id: a\n    uses: shell.run\n    with: { command: [sh, "-c", "\${ flow }"] }\n`,
  },
  policy: { 'policy.yaml': `${policyHead}secrets: { GITHUB_TOKEN: { hosts: [a.example.com] } }\n` },
  trust: {
    'a.yaml': `${head}on: { g: { git: {} } }\nsteps:\n  - id: a\n    uses: shop.order\n    with: { to: "\${ event.git.author }" }\n`,
  },
}

for (const [code, files] of Object.entries(examples)) {
  if (elsewhere.has(code)) continue
  test(`the code ${code} is told, alone, with a remedy and a place`, () => {
    const { problems } = load(files)
    assert.deepEqual([...new Set(problems.map((problem) => problem.code))], [code])
    for (const { place, hint, message } of problems) {
      assert.ok(place.line >= 1 && place.column >= 1 && place.file in files)
      assert.ok(hint !== undefined && hint !== '' && !message.endsWith('.'))
    }
  })
}

test('every code has an example or is told elsewhere', () => {
  assert.deepEqual(Object.keys(examples).sort(), Object.keys(problemCodes).sort())
})
