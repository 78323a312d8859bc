// Flows of a small company, compiled by hand: enough of each kind of step and trigger to draw.

import type { Expression, Flow, Step, Trigger, Work } from '../../runner/model/flow.ts'
import { flowName, stepPath } from '../../runner/model/id.ts'
import { hashOf } from './rows.ts'

export interface SeedFlow {
  readonly flow: Flow
  readonly yaml: string
}

const place = { file: 'flow.yaml', line: 1, column: 1 }

function expression(source: string): Expression {
  return { source, place, reads: [], trust: 'trusted', evaluate: () => null }
}

interface StepSeed {
  readonly work: Work
  readonly needs?: readonly string[]
  readonly when?: string
  readonly each?: string
  readonly name?: string
}

export function step(id: string, seed: StepSeed, stage = ''): Step {
  return {
    path: stepPath(stage + id),
    id,
    name: seed.name ?? id,
    place,
    when: seed.when === undefined ? null : expression(seed.when),
    needs: seed.needs ?? [],
    each: seed.each === undefined ? null : { list: expression(seed.each), as: 'item', maxParallel: 4 },
    repeat: null,
    retry: null,
    timeoutMs: null,
    onError: 'fail',
    work: seed.work,
  }
}

export const uses = (name: string): Work => ({ is: 'uses', uses: name, with: {}, risk: [] })
export const approve: Work = {
  is: 'approve',
  show: { is: 'literal', value: '' },
  approvers: null,
  need: null,
  expiresMs: null,
}
export const wait = (forMs: number): Work => ({ is: 'wait', wait: { forMs } })

export function decide(...choices: readonly string[]): Work {
  return {
    is: 'decide',
    prompt: { path: 'prompts/ask.md', text: '' },
    given: {},
    choices: choices.map((name) => ({ name, means: '', uses: null, with: {}, ask: {} })),
    ask: {},
    rules: [],
    risk: [],
    onOutage: ['rules', 'park'],
  }
}

export const cron = (id: string, cron: string): Trigger => ({
  id,
  place,
  kind: 'schedule',
  rhythm: { cron },
  timezone: 'Asia/Seoul',
  missed: { run: 'latest', withinMs: null, max: 1 },
  overlap: 'skip',
  whileWaiting: 'hold',
})
export const every = (id: string, everyMs: number): Trigger => ({
  ...(cron(id, '* * * * *') as Extract<Trigger, { kind: 'schedule' }>),
  rhythm: { everyMs },
})
export const webhook = (id: string): Trigger => ({
  id,
  place,
  kind: 'webhook',
  secret: null,
  auth: 'hmac',
  slot: null,
  body: null,
})
export const git = (id: string, ...paths: readonly string[]): Trigger => ({ id, place, kind: 'git', paths })

interface FlowSeed {
  readonly name: string
  readonly description: string
  readonly triggers: readonly Trigger[]
  readonly steps: readonly Step[]
  readonly onFailure?: readonly Step[]
  readonly suspended?: boolean
}

export function seedFlow(seed: FlowSeed): SeedFlow {
  const flow: Flow = {
    name: flowName(seed.name),
    description: seed.description,
    owner: '@ana',
    file: `${seed.name}.yaml`,
    version: hashOf(seed.name),
    suspended: seed.suspended ?? false,
    triggers: seed.triggers,
    inputs: {},
    limits: {
      concurrency: { key: null, max: 1, whenFull: 'queue', whileWaiting: 'hold' },
      rate: null,
      timeoutMs: 1_800_000,
      budget: { perRunUsd: null, perDayUsd: null },
    },
    steps: seed.steps,
    onFailure: { steps: seed.onFailure ?? [] },
    outputs: {},
  }
  return { flow, yaml: yamlOf(flow) }
}

/** Not what a parser would take back: only something of the right shape to look at. */
function yamlOf(flow: Flow): string {
  const steps = flow.steps.map(
    (one) =>
      `  - id: ${one.id}\n    ${wordOf(one.work)}${one.when === null ? '' : `\n    when: ${one.when.source}`}`,
  )
  return `apiVersion: watchbill/v1
kind: Flow
name: ${flow.name}
description: ${flow.description}
owner: "@ana"

on:
${flow.triggers.map((trigger) => `  ${trigger.id}:\n    ${trigger.kind}: {}`).join('\n')}

steps:
${steps.join('\n\n')}
`
}

function wordOf(work: Work): string {
  if (work.is === 'uses') return `uses: ${work.uses}`
  if (work.is === 'decide') return `decide: { prompt: prompts/ask.md }`
  return work.is === 'wait' ? 'wait: { for: 2h }' : 'approve: { show: ${ steps } }'
}

const tell = step('tell', { work: uses('github.issue.create') }, 'on_failure.')

export const flows: readonly SeedFlow[] = [
  seedFlow({
    name: 'support-mail',
    description: 'Answer what the FAQ answers; hand the rest to a person.',
    triggers: [webhook('inbox')],
    steps: [
      step('triage', { work: decide('reply', 'assign', 'drop') }),
      step('report', { work: uses('log.record'), needs: ['triage'], when: 'steps.triage.choice != "drop"' }),
    ],
    onFailure: [tell],
  }),
  seedFlow({
    name: 'ci-doctor',
    description: 'Read the log of a failed build and say what broke, where it can be seen.',
    triggers: [webhook('build')],
    steps: [
      step('fetch_logs', { work: uses('http.request') }),
      step('read', { work: decide('flaky', 'broken', 'machine'), needs: ['fetch_logs'] }),
      step('rerun', { work: uses('http.request'), needs: ['read'], when: 'steps.read.choice == "flaky"' }),
      step('comment', { work: uses('github.issue.comment'), needs: ['read'] }),
    ],
  }),
  seedFlow({
    name: 'data-pipeline',
    description: 'Take the numbers of the three shops, check them, and load them every quarter of an hour.',
    triggers: [cron('quarterly', '*/15 8-19 * * *')],
    steps: [
      step('extract', { work: uses('http.request'), each: 'policy.lists.shops' }),
      step('check', { work: decide('load', 'hold'), needs: ['extract'] }),
      step('load', { work: uses('http.request'), needs: ['check'] }),
      step('report', { work: uses('log.record'), needs: ['load'] }),
    ],
    onFailure: [tell],
  }),
  seedFlow({
    name: 'daily-digest',
    description: 'What happened yesterday, in ten lines, at nine.',
    triggers: [cron('morning', '0 9 * * MON-FRI')],
    steps: [
      step('gather', { work: uses('http.request') }),
      step('write', { work: decide(), needs: ['gather'] }),
      step('post', { work: uses('github.issue.create'), needs: ['write'] }),
    ],
  }),
  seedFlow({
    name: 'code-delivery',
    description: 'Test what was merged, ask, deploy, and look whether it is well.',
    triggers: [git('merged', 'src/**')],
    steps: [
      step('tests', { work: uses('shell.run') }),
      step('audit', { work: uses('shell.run') }),
      step('release', { work: approve, needs: ['tests', 'audit'], name: 'Release to production?' }),
      step('deploy', { work: uses('http.request'), needs: ['release'] }),
      step('settle', { work: wait(600_000), needs: ['deploy'] }),
      step('healthy', { work: decide('keep', 'roll_back'), needs: ['settle'] }),
    ],
    onFailure: [tell],
  }),
  seedFlow({
    name: 'refund-desk',
    description: 'Weigh a request for money back and, when people agree, pay it.',
    triggers: [webhook('request')],
    steps: [
      step('weigh', { work: decide('refund', 'refuse', 'ask_more') }),
      step('pay', { work: uses('http.request'), needs: ['weigh'], when: 'steps.weigh.choice == "refund"' }),
      step('answer', { work: uses('http.request'), needs: ['pay'] }),
    ],
  }),
  seedFlow({
    name: 'disk-watch',
    description: 'Look at the disks of this machine; say when one fills up.',
    triggers: [every('tick', 3_600_000)],
    steps: [
      step('look', { work: uses('shell.run') }),
      step('judge', { work: decide('fine', 'warn'), needs: ['look'] }),
      step('warn', { work: uses('log.record'), needs: ['judge'], when: 'steps.judge.choice == "warn"' }),
    ],
  }),
  seedFlow({
    name: 'nightly-backup',
    description: 'Copy what matters, and restore one file of it to be sure.',
    triggers: [cron('night', '30 2 * * *')],
    steps: [
      step('copy', { work: uses('shell.run') }),
      step('restore', { work: uses('shell.run'), needs: ['copy'] }),
    ],
    suspended: true,
  }),
]
