// This process, as others can tell it from the rest.

export function processId(): number {
  return process.pid
}

/** Resident bytes. */
export function residentBytes(): number {
  return process.memoryUsage.rss()
}
