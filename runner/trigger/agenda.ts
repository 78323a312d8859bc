// What is due next, earliest first: a binary heap, so that a hundred thousand schedules cost a few comparisons.

export interface Entry {
  readonly flow: string
  readonly trigger: string
  readonly nextMs: number
}

export interface Agenda {
  add(entry: Entry): void
  /** Removes and gives what is due, earliest first, at most `max`. */
  takeDue(nowMs: number, max: number): Entry[]
  /** Null when there is nothing. */
  earliestMs(): number | null
  clear(): void
  readonly size: number
}

export function createAgenda(): Agenda {
  const heap: Entry[] = []
  return {
    add: (entry) => {
      heap.push(entry)
      rise(heap, heap.length - 1)
    },
    takeDue: (nowMs, max) => {
      const due: Entry[] = []
      for (
        let first = heap[0];
        first !== undefined && first.nextMs <= nowMs && due.length < max;
        first = heap[0]
      ) {
        due.push(first)
        const last = heap.pop()
        if (last !== undefined && heap.length > 0) {
          heap[0] = last
          sink(heap)
        }
      }
      return due
    },
    earliestMs: () => heap[0]?.nextMs ?? null,
    clear: () => {
      heap.length = 0
    },
    get size() {
      return heap.length
    },
  }
}

function rise(heap: Entry[], from: number): void {
  for (let at = from; at > 0;) {
    const parent = (at - 1) >> 1
    if (!earlier(heap, at, parent)) return
    swap(heap, at, parent)
    at = parent
  }
}

function sink(heap: Entry[]): void {
  for (let at = 0; ;) {
    const left = 2 * at + 1
    const child = earlier(heap, left + 1, left) ? left + 1 : left
    if (!earlier(heap, child, at)) return
    swap(heap, at, child)
    at = child
  }
}

/** Whether the entry at `one` exists and is due before the one at `other`. */
function earlier(heap: readonly Entry[], one: number, other: number): boolean {
  const [a, b] = [heap[one], heap[other]]
  return a !== undefined && b !== undefined && a.nextMs < b.nextMs
}

function swap(heap: Entry[], one: number, other: number): void {
  const [a, b] = [heap[one], heap[other]]
  if (a === undefined || b === undefined) return
  heap[one] = b
  heap[other] = a
}
