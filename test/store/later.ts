// Cleaning up after a test once everything the test itself registered has run: hooks run in the order in which
// they were registered, so whoever brings a database would else take it away before its users have let go.

import { after, type TestContext } from 'node:test'

interface Cleanup {
  readonly t: TestContext
  run(): Promise<unknown>
}

const cleanups: Cleanup[] = []
const ended = new WeakSet<TestContext>()

/** Runs some time after the test has ended, at the latest when the file's tests have; the last one first. */
export function later(t: TestContext, run: () => Promise<unknown>): void {
  if (cleanups.every((one) => one.t !== t)) t.after(() => ended.add(t))
  cleanups.push({ t, run })
}

/** To be called before something new is brought, so that little lies around. */
export async function cleanUp(): Promise<void> {
  await runAll((one) => ended.has(one.t))
}

async function runAll(due: (one: Cleanup) => boolean): Promise<void> {
  for (const one of cleanups.filter(due).toReversed()) {
    const at = cleanups.indexOf(one)
    // Somebody else may be cleaning up at the same moment.
    if (at < 0) continue
    cleanups.splice(at, 1)
    await one.run()
  }
}

after(() => runAll(() => true))
