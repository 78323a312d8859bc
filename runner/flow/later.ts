// Words of the language that this version does not know yet: refused like any unknown key, but said so.

const words: Readonly<Record<string, readonly string[]>> = {
  flow: ['repeat'],
  trigger: ['mail', 'github', 'flow', 'was'],
  schedule: ['except', 'while_waiting'],
  limits: ['rate', 'while_waiting'],
  step: ['call', 'template', 'steps', 'end', 'reason', 'repeat', 'approve_together', 'covers', 'undo'],
  decide: ['deadline', 'cache', 'evaluate', 'on_poor'],
  wait: ['event', 'match'],
  on_failure: ['analyse'],
  approvals: ['remind_at'],
  budget: ['warn_at'],
  policy: ['notify'],
}

const all: ReadonlySet<string> = new Set(Object.values(words).flat())

/** Whether a key stands in the design of the language, for a later version. */
export function comesLater(key: string): boolean {
  return all.has(key)
}

export const laterHint = 'the word is part of the language but comes in a later version; remove it for now'
