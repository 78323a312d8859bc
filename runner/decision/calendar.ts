// When a window of the ledger ends: budgets are counted in UTC days and months.

/** The first instant of the next UTC month. */
export function nextMonthMs(nowMs: number): number {
  const now = new Date(nowMs)
  return Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1)
}

/** From the date in the window's name (`usd:flow:x:2026-11-22`, `usd:month:2026-11`); null: it never ends. */
export function windowEndMs(window: string): number | null {
  const [, year, month, day] = /:(\d{4})-(\d{2})(?:-(\d{2}))?$/.exec(window) ?? []
  if (year === undefined || month === undefined) return null
  return day === undefined
    ? Date.UTC(Number(year), Number(month), 1)
    : Date.UTC(Number(year), Number(month) - 1, Number(day) + 1)
}
