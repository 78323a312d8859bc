// The end of a process group: asked first, made after a while.

const pollMs = 20

/** Resolves when no process of the group is left, or when the last means was used. */
export async function endGroup(group: number, graceMs: number): Promise<void> {
  if (group <= 1) throw new Error(`${group} is no group of ours`)
  const untilMs = performance.now() + graceMs
  if (!signal(group, 'SIGTERM')) return
  while (performance.now() < untilMs) {
    await new Promise((resolve) => setTimeout(resolve, pollMs))
    if (!signal(group, 0)) return
  }
  signal(group, 'SIGKILL')
}

/** False when there is nobody left that the signal could reach. */
function signal(group: number, name: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-group, name)
    return true
  } catch {
    // ESRCH: all gone. EPERM: what is left has another owner, and no signal of ours reaches it.
    return false
  }
}
