// Risk: low runs, medium runs and is reported, high waits for people. Nothing but people's policy lowers it.

export const risks = ['low', 'medium', 'high'] as const
export type Risk = (typeof risks)[number]

/** The highest of several risks; of none, low. */
export function highest(...among: readonly Risk[]): Risk {
  return among.includes('high') ? 'high' : among.includes('medium') ? 'medium' : 'low'
}

/** One level up, for decisions that came from a fallback. */
export function raised(risk: Risk): Risk {
  return risk === 'low' ? 'medium' : 'high'
}
