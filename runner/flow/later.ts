// Words of the language that this version does not know yet: refused like any unknown key, but said so.

const words: Readonly<Record<string, readonly string[]>> = {
  trigger: ['mail', 'github', 'flow', 'was'],
  schedule: ['except'],
  step: ['template', 'approve_together', 'covers', 'undo'],
  decide: ['deadline', 'cache', 'evaluate', 'on_poor'],
  on_failure: ['analyse'],
  approvals: ['remind_at'],
  budget: ['warn_at'],
  policy: ['notify'],
}

const all: ReadonlySet<string> = new Set(Object.values(words).flat())

/** Whether a key stands in the design of the language, for a later version; `known`: what stands there now. */
export function comesLater(key: string, known: readonly string[]): boolean {
  // A schedule is known where triggers stand, but not yet as an event that a step waits for.
  return all.has(key) || (key === 'schedule' && known.includes('webhook'))
}

export const laterHint = 'the word is part of the language but comes in a later version; remove it for now'
