// From times to places on a line of 100 percent. Where nobody works for long, the line is drawn shorter. Pure.

export interface Stretch {
  readonly fromMs: number
  readonly toMs: number
}

export interface Tick {
  readonly percent: number
  /** Since the start. */
  readonly afterMs: number
}

export interface Scale {
  /** Place of a time, 0 to 100. */
  readonly place: (ms: number) => number
  readonly ticks: readonly Tick[]
  readonly compressed: boolean
}

/** Idle stretches together get at most this share of the line once they are more. */
const idleShareMax = 0.45
const idleShareEach = 0.15
/** Shorter pauses between work, as a share of the work, are drawn as they are. */
const gapShareMin = 0.1
const tickGapPercent = 9

/**
 * A scale over `whole`. Linear, unless idle time (without any of `busy`) is more than its share; then each idle
 * stretch gets the same short piece and work keeps its proportions.
 */
export function scaleOf(whole: Stretch, busy: readonly Stretch[]): Scale {
  const total = Math.max(1, whole.toMs - whole.fromMs)
  const merged = mergedWithin(whole, busy)
  const busyMs = merged.reduce((sum, stretch) => sum + lengthOf(stretch), 0)
  const idle = gapsOf(whole, merged).filter((gap) => lengthOf(gap) > busyMs * gapShareMin)
  const idleMs = idle.reduce((sum, gap) => sum + lengthOf(gap), 0)
  const idleShare = Math.min(idleShareMax, idle.length * idleShareEach)
  if (merged.length === 0 || idleMs / total <= idleShare) return linear(whole, total)
  return broken({ whole, idle, idleShare, workMs: total - idleMs })
}

const lengthOf = (stretch: Stretch): number => stretch.toMs - stretch.fromMs

/** Stretches in order, overlapping ones joined, cut to the whole. */
function mergedWithin(whole: Stretch, stretches: readonly Stretch[]): Stretch[] {
  const cut = stretches
    .map(({ fromMs, toMs }) => ({
      fromMs: Math.max(whole.fromMs, fromMs),
      toMs: Math.min(whole.toMs, Math.max(fromMs, toMs)),
    }))
    .filter((stretch) => lengthOf(stretch) >= 0)
    .sort((a, b) => a.fromMs - b.fromMs)
  const merged: Stretch[] = []
  for (const stretch of cut) {
    const last = merged.at(-1)
    if (last !== undefined && stretch.fromMs <= last.toMs)
      merged[merged.length - 1] = { fromMs: last.fromMs, toMs: Math.max(last.toMs, stretch.toMs) }
    else merged.push(stretch)
  }
  return merged
}

function gapsOf(whole: Stretch, merged: readonly Stretch[]): Stretch[] {
  const gaps: Stretch[] = []
  let at = whole.fromMs
  for (const stretch of merged) {
    if (stretch.fromMs > at) gaps.push({ fromMs: at, toMs: stretch.fromMs })
    at = stretch.toMs
  }
  if (whole.toMs > at) gaps.push({ fromMs: at, toMs: whole.toMs })
  return gaps
}

function linear(whole: Stretch, total: number): Scale {
  const place = (ms: number): number => bounded(((ms - whole.fromMs) / total) * 100)
  const step = niceStep(total / 4)
  const ticks: Tick[] = []
  for (let afterMs = 0; afterMs <= total; afterMs += step)
    ticks.push({ percent: (afterMs / total) * 100, afterMs })
  return { place, ticks, compressed: false }
}

const niceSteps = [1, 2, 5].flatMap((n) => [n, n * 10, n * 100])
const minuteSteps = [1, 2, 5, 10, 15, 30].flatMap((n) => [n * 1000, n * 60_000])
const hourSteps = [1, 2, 3, 6, 12, 24, 48, 168].map((n) => n * 3_600_000)
const steps = [...niceSteps, ...minuteSteps, ...hourSteps].sort((a, b) => a - b)

function niceStep(atLeastMs: number): number {
  return steps.find((step) => step >= atLeastMs) ?? Math.ceil(atLeastMs / 86_400_000) * 86_400_000
}

interface Broken {
  readonly whole: Stretch
  readonly idle: readonly Stretch[]
  readonly idleShare: number
  readonly workMs: number
}

function broken({ whole, idle, idleShare, workMs }: Broken): Scale {
  const each = (idleShare / idle.length) * 100
  const perMs = ((1 - idleShare) * 100) / Math.max(1, workMs)
  const pieces: {
    readonly fromMs: number
    readonly toMs: number
    readonly start: number
    readonly width: number
  }[] = []
  let at = whole.fromMs
  let start = 0
  for (const gap of [...idle, { fromMs: whole.toMs, toMs: whole.toMs }]) {
    for (const [fromMs, toMs, width] of [
      [at, gap.fromMs, (gap.fromMs - at) * perMs],
      [gap.fromMs, gap.toMs, gap.toMs > gap.fromMs ? each : 0],
    ] as const) {
      pieces.push({ fromMs, toMs, start, width })
      start += width
    }
    at = gap.toMs
  }
  const place = (ms: number): number => {
    const piece = pieces.find((one) => ms <= one.toMs && one.toMs > one.fromMs) ?? pieces.at(-1)
    if (piece === undefined || piece.toMs === piece.fromMs) return 100
    return bounded(piece.start + ((ms - piece.fromMs) / (piece.toMs - piece.fromMs)) * piece.width)
  }
  const edges = [whole.fromMs, ...idle.flatMap((gap) => [gap.fromMs, gap.toMs]), whole.toMs]
  return {
    place,
    ticks: apart(edges.map((ms) => ({ percent: place(ms), afterMs: ms - whole.fromMs }))),
    compressed: true,
  }
}

/** Ticks that do not run into each other; the first and the last stay. */
function apart(ticks: readonly Tick[]): readonly Tick[] {
  const last = ticks.at(-1)
  const kept: Tick[] = []
  for (const tick of ticks.slice(0, -1)) {
    const before = kept.at(-1)
    const room = last === undefined || last.percent - tick.percent >= tickGapPercent
    if (before === undefined || (tick.percent - before.percent >= tickGapPercent && room)) kept.push(tick)
  }
  return last === undefined ? kept : [...kept, last]
}

function bounded(percent: number): number {
  return Math.max(0, Math.min(100, percent))
}
