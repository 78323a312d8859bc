// Room for steps: at most so many are performed at once by this process, first come, first served.

export interface Steps {
  /** Runs the work when there is room; settles as the work does. */
  take(work: () => Promise<void>): Promise<void>
  readonly used: number
}

export function createSteps(total: number): Steps {
  const waiting: (() => void)[] = []
  let used = 0
  return {
    get used() {
      return used
    },
    take: async (work) => {
      if (used >= total) await new Promise<void>((resolve) => waiting.push(resolve))
      else used += 1
      try {
        await work()
      } finally {
        const following = waiting.shift()
        if (following === undefined) used -= 1
        else following()
      }
    },
  }
}
