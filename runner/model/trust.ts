// Where data came from, and where it may go.

/** `trusted`: written by people in the repository, or picked from a closed set. Everything else is `untrusted`. */
export type Trust = 'trusted' | 'untrusted'

/** What an action does with an input. Untrusted data in any but `text` and `quantity` raises the risk to high. */
export type Sink = 'text' | 'quantity' | 'identifier' | 'recipient' | 'url' | 'path' | 'command'

/** The label of something made from several sources. */
export function joined(labels: Iterable<Trust>): Trust {
  for (const label of labels) if (label === 'untrusted') return 'untrusted'
  return 'trusted'
}

/** Whether untrusted data may enter this sink without people being asked. */
export function harmless(sink: Sink): boolean {
  return sink === 'text' || sink === 'quantity'
}
