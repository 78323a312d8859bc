// The length of a crash outside of a test runner: what was brought for it is taken away at its end.

import type { TestContext } from 'node:test'
import { cleanUp } from '../store/later.ts'

/** Gives `work` what tests get to say what has to be cleaned up; cleans up whatever comes of it. */
export async function staged<Result>(work: (t: TestContext) => Promise<Result>): Promise<Result> {
  const hooks: (() => unknown)[] = []
  const t = { after: (hook: () => unknown) => void hooks.push(hook) } as unknown as TestContext
  try {
    return await work(t)
  } finally {
    for (const hook of hooks) await hook()
    await cleanUp()
  }
}
