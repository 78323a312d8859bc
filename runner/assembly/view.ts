// What the page asks of the living process: built at every request, from what is in memory.

import type { Assembled } from './assemble.ts'
import type { RunnerView, Warning } from '../model/runner-view.ts'
import { programVersion } from '../version.ts'
import { residentBytes } from '../world/process.ts'
import type { Settings } from '../world/settings.ts'

export interface ViewParts {
  readonly assembled: Assembled
  readonly settings: Settings
  readonly startedMs: number
}

export function runnerView({ assembled, settings, startedMs }: ViewParts): RunnerView {
  const { engine, worker, repository, github, stop, id } = assembled
  const head = engine.head()
  const claude = engine.decider.state()
  const { monthUsd, dayCalls } = head.policy.budget
  return {
    name: id.slice(-6),
    version: programVersion,
    startedMs,
    head: {
      commit: head.commit,
      branch: head.branch,
      repository: repository.shown,
      checkedMs: head.checkedMs,
      pollMs: settings.pollMs,
      condition: head.condition,
      policyOrigin: head.policyOrigin,
      problems: head.problems.filter((problem) => problem.severity === 'error').length,
    },
    claude: { available: claude.available, why: claude.why },
    github: { configured: github !== null },
    stopped: stop.stopped(),
    slots: { used: worker.used, total: engine.concurrency },
    queueDepth: worker.older,
    rssBytes: residentBytes(),
    budget: { monthPicoUsd: monthUsd, dayCalls },
    migrations: 'current',
    warnings: warningsOf(assembled, settings),
  }
}

function warningsOf(assembled: Assembled, settings: Settings): Warning[] {
  const warnings: Warning[] = assembled.surroundings.secrets
    .problems()
    .map(({ message, remedy }) => ({ words: message, remedy }))
  const { policy } = assembled.engine.head()
  if (policy.approvals.repository !== null && settings.github.token === null)
    warnings.push({
      words: `The policy asks in ${policy.approvals.repository}, but there is no GITHUB_TOKEN: tickets stay on this machine.`,
      remedy: 'Set GITHUB_TOKEN.',
    })
  if (policy.suspended)
    warnings.push({
      words: 'The policy suspends everything: nothing new starts.',
      remedy: 'Merge `suspend: false`.',
    })
  return warnings
}
