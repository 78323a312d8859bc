// What was promised, what was seen on record, and whether it all came true: the account over many lives of runners.

import { setTimeout as sleep } from 'node:timers/promises'
import { expectedOf, type FlowName, flowNames } from './remote-flows.ts'
import type { Remote } from './remote.ts'
import type { Site } from './site.ts'
import { newTally, type Tally } from './tally.ts'
import { eventually, type RunnerProcess } from '../scenario/a-process.ts'

export interface Account {
  /** Triggers that were accepted so far. */
  readonly accepted: number
  /** Sends so many new triggers and again those that nobody has accepted yet; those that fail now are sent later. */
  deliver(runner: RunnerProcess, more: number): Promise<void>
  /** Answers what people are asked, and remembers which successes are on record. */
  look(runner: RunnerProcess): Promise<void>
  /** Resolves when the trigger that was accepted last has ended in success. */
  settled(runner: RunnerProcess): Promise<void>
  /** Waits until every accepted run has ended, and judges. */
  close(runner: RunnerProcess, say: (line: string) => void): Promise<Tally>
}

interface Order {
  readonly flow: FlowName
  readonly n: number
  /** Null while nobody has accepted it. */
  run: string | null
}

interface Row {
  readonly id: string
  readonly status: string
}

const endsWithinMs = 120_000

export function accountOf(site: Site): Account {
  const orders: Order[] = []
  const recorded = new Map<string, ReadonlySet<string>>()
  let unknown = 0

  async function look(runner: RunnerProcess): Promise<void> {
    unknown += await site.answer(runner)
    const { items } = await runner.get<{ items: Row[] }>('/api/v1/runs?limit=40')
    for (const { id } of items) recorded.set(id, await successesOf(runner, id))
  }

  async function deliver(runner: RunnerProcess, more: number): Promise<void> {
    for (let count = 0; count < more; count++) {
      const n = orders.length
      orders.push({ flow: flowNames[n % flowNames.length] ?? 'mixed', n, run: null })
    }
    const open = orders.filter((order) => order.run === null)
    await Promise.all(
      open.map(async (order) => {
        order.run = await site.trigger(runner, order.flow, order.n)
      }),
    )
  }

  async function settled(runner: RunnerProcess): Promise<void> {
    const run = orders.at(-1)?.run
    const over = async (): Promise<true | null> =>
      (await runner.get<Row>(`/api/v1/runs/${run}`)).status === 'succeeded' ? true : null
    await eventually(over, runner.output)
  }

  async function close(runner: RunnerProcess, say: (line: string) => void): Promise<Tally> {
    const until = performance.now() + endsWithinMs
    let runs = await allRuns(runner)
    while (performance.now() < until && runs.some((run) => !ended.has(run.status))) {
      await look(runner)
      await sleep(200)
      runs = await allRuns(runner)
    }
    const tally = newTally()
    const wrong = (what: 'lost' | 'doubled', words: string): void => {
      tally[what] += 1
      say(`  ${what}: ${words}`)
    }
    judgeRuns(orders, runs, wrong)
    for (const order of orders)
      for (const { effect, repetition } of expectedOf(order.flow, order.n))
        judgeEffect(site.remote, { effect, repetition }, wrong)
    for (const [id, successes] of recorded) {
      const now = await successesOf(runner, id)
      for (const one of successes)
        if (!now.has(one)) wrong('lost', `${one} of run ${id}, which was on record`)
    }
    return { ...tally, unknown }
  }

  return {
    get accepted() {
      return orders.filter((order) => order.run !== null).length
    },
    deliver,
    look,
    settled,
    close,
  }
}

const ended: ReadonlySet<string> = new Set(['succeeded', 'failed', 'cancelled'])

type Wrong = (what: 'lost' | 'doubled', words: string) => void

/** People told the truth and the remote never refused, so every run has succeeded. */
function judgeRuns(orders: readonly Order[], runs: readonly Row[], wrong: Wrong): void {
  const statuses = new Map(runs.map((run) => [run.id, run.status]))
  for (const { flow, n, run } of orders) {
    const status = run === null ? 'accepted by nobody' : (statuses.get(run) ?? 'gone')
    if (status !== 'succeeded') wrong('lost', `${flow} ${n}: run ${run} is ${status}`)
  }
  const promised = new Set(orders.map((order) => order.run))
  for (const { id } of runs) if (!promised.has(id)) wrong('doubled', `run ${id} was promised to nobody`)
  if (promised.size < orders.length) wrong('lost', 'two triggers share a run')
}

function judgeEffect(
  remote: Remote,
  { effect, repetition }: ReturnType<typeof expectedOf>[number],
  wrong: Wrong,
): void {
  const requests = remote.of(effect)
  const keys = new Set(requests.map((request) => request.key))
  if (requests.length === 0) wrong('lost', `${effect} never reached the remote`)
  if (repetition === 'once' && requests.length > 1)
    wrong('doubled', `${effect} arrived ${requests.length} times`)
  if (keys.size > 1) wrong('doubled', `${effect} arrived under ${keys.size} keys`)
  if (repetition !== 'idempotent' && keys.has('')) wrong('doubled', `${effect} arrived without a key`)
}

async function allRuns(runner: RunnerProcess): Promise<readonly Row[]> {
  const runs: Row[] = []
  let cursor = ''
  for (;;) {
    const page = await runner.get<{ items: Row[]; next: string | null }>(
      `/api/v1/runs?limit=200${cursor === '' ? '' : `&cursor=${cursor}`}`,
    )
    runs.push(...page.items)
    if (page.next === null) return runs
    cursor = page.next
  }
}

interface Told {
  readonly journal: {
    readonly items: readonly { readonly seq: number; readonly fact: { readonly is: string } }[]
  }
}

/** The successes in the journal of a run, each as a text. */
async function successesOf(runner: RunnerProcess, run: string): Promise<ReadonlySet<string>> {
  const { journal } = await runner.get<Told>(`/api/v1/runs/${run}`)
  return new Set(
    journal.items.filter(({ fact }) => fact.is === 'succeeded').map((one) => JSON.stringify(one)),
  )
}
