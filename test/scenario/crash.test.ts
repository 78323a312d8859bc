import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { aCheckout } from './a-checkout.ts'
import { command, environmentOf, eventually, type RunnerProcess, startProcess } from './a-process.ts'
import { danger, policy, slow, steps } from './texts.ts'
import { freshLocation, type Kind, kinds } from '../store/bring.ts'

interface Scene {
  readonly folder: string
  readonly environment: Record<string, string>
  start(): Promise<RunnerProcess>
  run(...args: string[]): ReturnType<typeof command>
  /** What reached the outside, in order. */
  effects(): string[]
  /** Runs that are between their two effects, the first one on record; repetitions count again. */
  begun(): number
}

async function setup(t: TestContext, kind: Kind): Promise<Scene> {
  const files = {
    'flows/policy.yaml': policy,
    'flows/steps.yaml': steps,
    'flows/slow.yaml': slow,
    'flows/danger.yaml': danger,
  }
  const { folder } = aCheckout(t, files)
  const environment = environmentOf(await freshLocation(kind, t))
  const lines = (name: string): string[] => {
    const file = join(folder, name)
    return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []
  }
  return {
    folder,
    environment,
    start: async () => {
      const runner = await startProcess(t, environment, folder)
      const loaded = async (): Promise<true | null> =>
        (await runner.get<{ items: unknown[] }>('/api/v1/flows')).items.length === 3 ? true : null
      await eventually(loaded, runner.output)
      return runner
    },
    run: (...args) => command(environment, folder, ...args),
    effects: () => lines('effects.txt'),
    begun: () => lines('progress.txt').length,
  }
}

async function statusOf(runner: RunnerProcess, run: string): Promise<string> {
  const { items } = await runner.get<{ items: { id: string; status: string }[] }>('/api/v1/runs')
  return items.find((one) => one.id === run)?.status ?? 'unknown'
}

const ends = (runner: RunnerProcess, run: string, status: string): Promise<true> =>
  eventually(async () => ((await statusOf(runner, run)) === status ? true : null), runner.output)

for (const kind of kinds) {
  test(`${kind}: killed in the middle of a run, the next start finishes it, every effect once`, async (t) => {
    const scene = await setup(t, kind)
    const first = await scene.start()
    const run = (await scene.run('run', 'steps', '--detach')).stdout.trim()
    await eventually(async () => (scene.begun() === 1 ? true : null), first.output)
    await first.crash()
    const second = await scene.start()
    await ends(second, run, 'succeeded')
    assert.deepEqual(scene.effects(), ['one', 'two'])
  })

  test(`${kind}: killed in the middle of a \`once\` action, people are asked and it is not repeated`, async (t) => {
    const scene = await setup(t, kind)
    const first = await scene.start()
    const run = (await scene.run('run', 'slow', '--detach')).stdout.trim()
    await eventually(async () => (scene.effects().length === 1 ? true : null), first.output)
    await first.crash()
    const second = await scene.start()
    await ends(second, run, 'parked')
    const { items } = JSON.parse((await scene.run('approvals', '--json')).stdout) as {
      items: { kind: string; code: string }[]
    }
    assert.equal(items[0]?.kind, 'unknown')
    const chosen = await scene.run('choose', items[0]?.code ?? '', 'succeeded')
    assert.equal(chosen.code, 0, chosen.stderr)
    await ends(second, run, 'succeeded')
    assert.deepEqual(scene.effects(), ['slow'])
  })
}

test('two runners on one PostgreSQL: when one is killed the other finishes its runs', async (t) => {
  const scene = await setup(t, 'postgres')
  const first = await scene.start()
  const second = await startProcess(
    t,
    { ...scene.environment, WATCHBILL_DATA: `${scene.environment['WATCHBILL_DATA']}-2` },
    scene.folder,
  )
  const runs = await Promise.all(
    ['a', 'b', 'c'].map(async () => (await scene.run('run', 'steps', '--detach')).stdout.trim()),
  )
  await eventually(async () => (scene.begun() === 3 ? true : null), first.output)
  await first.crash()
  for (const run of runs) await ends(second, run, 'succeeded')
  assert.deepEqual(scene.effects().toSorted(), ['one', 'one', 'one', 'two', 'two', 'two'])
})

test('a risky action waits for `watchbill approve`, across a restart, and runs once', async (t) => {
  const scene = await setup(t, 'pglite')
  const first = await scene.start()
  const run = (await scene.run('run', 'danger', '--detach')).stdout.trim()
  await ends(first, run, 'parked')
  const { items } = JSON.parse((await scene.run('approvals', '--json')).stdout) as {
    items: { code: string }[]
  }
  await first.crash()
  const second = await scene.start()
  assert.deepEqual(scene.effects(), [])
  assert.equal((await scene.run('approve', '000000000000')).code, 1)
  const approved = await scene.run('approve', items[0]?.code ?? '')
  assert.equal(approved.code, 0, approved.stderr)
  await ends(second, run, 'succeeded')
  assert.deepEqual(scene.effects(), ['danger'])
  assert.notEqual((await scene.run('approve', items[0]?.code ?? '')).code, 0)
})

test('SIGTERM drains and exits 0, and the next start goes on', async (t) => {
  const scene = await setup(t, 'pglite')
  const first = await scene.start()
  const run = (await scene.run('run', 'steps', '--detach')).stdout.trim()
  await eventually(async () => (scene.begun() === 1 ? true : null), first.output)
  assert.equal(await first.stop(), 0)
  const second = await scene.start()
  await ends(second, run, 'succeeded')
  assert.deepEqual(scene.effects(), ['one', 'two'])
})
