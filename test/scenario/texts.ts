// Flow files that scenarios begin from. Effects are lines in a file beside the checkout: the oracle of these tests.

export const policy = `apiVersion: watchbill/v1
kind: Policy
name: policy
approvals: { approvers: ["@ana"], self: true }
allow:
  - { flow: steps, uses: shell.run, commands: [[sh, "-c", "echo one >> effects.txt"], [sh, "-c", "echo two >> effects.txt"], [sh, "-c", "echo begun >> progress.txt; sleep 3"]], lower_to: low }
  - { flow: slow, uses: shell.run, commands: [[sh, "-c", "echo slow >> effects.txt; sleep 30"]], lower_to: low }
`

/** Two effects with work between them that may be repeated: once that has begun, the first is on record. */
export const steps = `apiVersion: watchbill/v1
kind: Flow
name: steps
description: Two effects with work between them.
steps:
  - id: one
    uses: shell.run
    with: { command: [sh, "-c", "echo one >> effects.txt"] }
  - id: work
    uses: shell.run
    with: { command: [sh, "-c", "echo begun >> progress.txt; sleep 3"], repetition: read }
  - id: two
    uses: shell.run
    with: { command: [sh, "-c", "echo two >> effects.txt"] }
`

/** One effect that takes long enough to be killed in the act. */
export const slow = `apiVersion: watchbill/v1
kind: Flow
name: slow
description: An effect that takes long.
steps:
  - id: act
    uses: shell.run
    with: { command: [sh, "-c", "echo slow >> effects.txt; sleep 30"] }
`

export const danger = `apiVersion: watchbill/v1
kind: Flow
name: danger
description: Runs a command that the policy does not know.
steps:
  - id: act
    uses: shell.run
    with: { command: [sh, "-c", "echo danger >> effects.txt"] }
`

export const onCommit = `apiVersion: watchbill/v1
kind: Flow
name: on-commit
description: Says what was committed.
on:
  push:
    git: { paths: ["**"] }
steps:
  - id: say
    uses: log.record
    with: { message: "commit \${ event.git.commit }" }
outputs:
  commit: \${ event.git.commit }
`

/** High risk, asked on GitHub; who started it by hand may answer. */
export const policyOnGitHub = policy.replace('approvals: {', 'approvals: { repository: acme/ops,')

export const sorter = `apiVersion: watchbill/v1
kind: Flow
name: sorter
description: Claude sorts a text that is given by hand.
inputs:
  text: { type: string, default: nothing }
steps:
  - id: sort
    decide:
      prompt: prompts/sort.md
      given: { text: "\${ inputs.text }" }
      choose:
        keep:
          means: Worth keeping.
          uses: log.record
          with: { message: kept }
        drop: { means: Not worth keeping. }
      on_outage: [people]
outputs:
  choice: \${ steps.sort.choice }
`
