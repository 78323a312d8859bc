// Time spans as people write them: 500ms, 30s, 1h30m, 7d.

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

const parts = /(\d{1,6}(?:\.\d{1,3})?)(ms|s|m|h|d)/y

/** Milliseconds; null when it is not a time span. */
export function durationMs(text: string): number | null {
  const negative = text.startsWith('-')
  let total = 0
  parts.lastIndex = negative ? 1 : 0
  if (parts.lastIndex === text.length) return null
  while (parts.lastIndex < text.length) {
    const match = parts.exec(text)
    if (match === null) return null
    total += Number(match[1]) * (unitMs[match[2] ?? ''] ?? 0)
  }
  return negative ? -total : total
}

/** Null when absent; for what a schema has seen to be a time span. */
export function spanMs(text: string | undefined): number | null {
  return text === undefined ? null : durationMs(text)
}
