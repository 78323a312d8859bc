// Months in minutes: the real engine on a real store, while simulated time, weather, people and deaths go on.

import { type Line, lines as allLines, slotsOf } from './calendar.ts'
import { drive, settle } from './drive.ts'
import { collectedHeap } from './heap.ts'
import { judgeEffects, judgeEnds, judgeLedger, judgeSlots } from './judge.ts'
import { answerTickets } from './people.ts'
import { type Process, type Site, startProcess } from './process.ts'
import { bringSite, caps, type Wanted } from './site.ts'

export interface Report {
  readonly runs: number
  /** Broken promises. */
  readonly faults: readonly string[]
  readonly deaths: number
  readonly clockSteps: number
  readonly answered: number
  readonly statements: number
  readonly questions: number
  /** After each week. */
  readonly heapBytes: readonly number[]
  readonly endings: Readonly<Record<string, number>>
}

interface Month {
  readonly site: Site
  readonly lines: readonly Line[]
  readonly wanted: Wanted
  process: Process
  readonly faults: string[]
  readonly heapBytes: number[]
  deaths: number
  clockSteps: number
  answered: number
  /** Slots until then are judged. */
  judgedMs: number
  peopleMs: number
  stepMs: number
}

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const weekMs = 7 * 24 * hourMs

export async function simulate(wanted: Wanted): Promise<Report> {
  const lines = allLines.slice(0, wanted.flows)
  const site = await bringSite(wanted, lines)
  const startMs = site.clock.now()
  const untilMs = startMs + wanted.days * 24 * hourMs
  const month: Month = {
    site,
    lines,
    wanted,
    process: await startProcess(site),
    faults: [],
    heapBytes: [],
    deaths: 0,
    clockSteps: 0,
    answered: 0,
    judgedMs: startMs,
    peopleMs: startMs,
    stepMs: startMs + 20 * hourMs,
  }
  for (let weekEndMs = startMs + weekMs; site.clock.now() < untilMs;) {
    await turn(month, { untilMs, fires: 'yes' })
    if (site.clock.now() < weekEndMs) continue
    await endWeek(month)
    weekEndMs += weekMs
  }
  await drain(month)
  await judge(month, untilMs)
  return reportOf(month)
}

interface Turn {
  readonly untilMs: number
  readonly fires: 'yes' | 'no'
}

/** To the next thing that is due, and one look of everybody at it. */
async function turn(month: Month, { untilMs, fires }: Turn): Promise<void> {
  const { site } = month
  const nowMs = site.clock.now()
  const due = await nextDue(month, fires)
  // A step of a second at least, so that what is due and cannot be done does not stop time.
  await site.clock.advance(Math.max(1_000, Math.min(untilMs, due.atMs) - nowMs))
  await livingOn(month)
  // As its own loop does: what failed is looked at again.
  if (fires === 'yes')
    await drive(
      site,
      month.process,
      month.process.scheduler.pass().catch(() => {}),
    )
  // The real one looks each second; a look at nothing only costs time here.
  if (due.who !== 'slot') await drive(site, month.process, month.process.sweep.once())
  if (site.clock.now() >= month.peopleMs) await askPeople(month)
  if (fires === 'yes' && site.clock.now() >= month.stepMs) stepClock(month)
}

const lookEveryMs = 15 * minuteMs

interface Due {
  readonly atMs: number
  readonly who: 'slot' | 'sweep'
}

/** The next slot, or the next moment at which the sweep may find something. */
async function nextDue({ site, lines }: Month, fires: Turn['fires']): Promise<Due> {
  const nowMs = site.clock.now()
  const [row] = await site.store.query<{ wake: number | null; busy: number }>(
    `select min(wake_ms) filter (where status = 'parked') as wake,
            (count(*) filter (where status in ('ready', 'running')))::int as busy
     from run where status in ('queued', 'ready', 'running', 'parked')`,
  )
  const slots =
    fires === 'no' ? [] : lines.flatMap((line) => slotsOf(line, nowMs, nowMs + lookEveryMs)[0] ?? [])
  // What hangs is given up by its own time-out, which is never far.
  const soonMs = (row?.busy ?? 0) > 0 ? nowMs + 20_000 : Infinity
  const sweepMs = Math.min(nowMs + lookEveryMs, row?.wake ?? Infinity, soonMs)
  const slotMs = Math.min(...slots, Infinity)
  return slotMs < sweepMs ? { atMs: slotMs, who: 'slot' } : { atMs: sweepMs, who: 'sweep' }
}

/** Where a life has ended another begins, a while later. */
async function livingOn(month: Month): Promise<void> {
  const { site } = month
  if (!month.process.dead()) return
  month.deaths += 1
  await site.clock.advance(site.seed.upTo(5 * minuteMs))
  site.weather.untilDeath = site.seed.upTo(deathEvery * 2)
  month.process = await startProcess(site)
}

/** Statements of a life, on the average. */
const deathEvery = 8_000

async function askPeople(month: Month): Promise<void> {
  const { site, process } = month
  month.peopleMs = site.clock.now() + lookEveryMs
  const answering = answerTickets(site, process).catch(() => 0)
  month.answered += (await drive(site, process, answering)) ?? 0
}

/** An operator, or a machine that was asleep, sets the clock. */
function stepClock(month: Month): void {
  const { clock, seed } = month.site
  month.stepMs = clock.now() + seed.upTo(48) * hourMs
  if (month.wanted.faults === 'none') return
  month.clockSteps += 1
  const byMs = seed.upTo(10 * minuteMs)
  clock.set(clock.now() + (seed.upTo(2) === 1 ? byMs : -byMs))
}

async function endWeek(month: Month): Promise<void> {
  const { site } = month
  // What storms have held back is made up for within the hour.
  await judge(month, site.clock.now() - hourMs)
  forgetCalls(site.claude.calls)
  month.heapBytes.push(await collectedHeap())
}

/** The stub remembers every request, which is not the engine's memory. */
function forgetCalls(calls: readonly unknown[]): void {
  ;(calls as unknown[]).length = 0
}

async function judge(month: Month, untilMs: number): Promise<void> {
  const { site, lines, faults } = month
  faults.push(...(await judgeSlots(site.store, lines, { fromMs: month.judgedMs, untilMs })))
  faults.push(...(await judgeEffects(site.store, site.remote)))
  faults.push(...(await judgeLedger(site.store, caps)))
  faults.push(...site.errors.splice(0).map((error) => `logged as our own mistake: ${error}`))
  month.judgedMs = untilMs
}

const drainMs = 4 * 24 * hourMs

/** Fair weather, and no new runs: everything has to come to its end. */
async function drain(month: Month): Promise<void> {
  const { site } = month
  Object.assign(site.weather, { untilStorm: Infinity, stormLeft: 0, untilDeath: Infinity })
  site.remote.calm()
  const untilMs = site.clock.now() + drainMs
  while (site.clock.now() < untilMs && (await judgeEnds(site.store)).length > 0)
    await turn(month, { untilMs, fires: 'no' })
  month.faults.push(...(await judgeEnds(site.store)))
  await settle(site, month.process)
}

async function reportOf(month: Month): Promise<Report> {
  const { site, faults, heapBytes, deaths, clockSteps, answered } = month
  const rows = await site.store.query<{ status: string; runs: number }>(
    'select status, count(*)::int as runs from run group by status order by status',
  )
  const [slots] = await site.store.query<{ slots: number }>('select count(*)::int as slots from slot')
  const [asked] = await site.store.query<{ questions: number }>(
    'select count(*)::int as questions from decision',
  )
  const runs = slots?.slots ?? 0
  const counts = {
    deaths,
    clockSteps,
    answered,
    statements: site.weather.passed,
    questions: asked?.questions ?? 0,
  }
  return {
    runs,
    ...counts,
    faults,
    heapBytes,
    endings: Object.fromEntries(rows.map((row) => [row.status, row.runs])),
  }
}
