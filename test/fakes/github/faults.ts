// What goes wrong on purpose: refusals, lost answers, late answers.

import type { Answer } from './answer.ts'

export interface Fault {
  /** Any, when left out. */
  readonly method?: string
  /** Matches the path below the API's base, without the query; any, when left out. */
  readonly path?: RegExp
  /** How many requests it meets: 1 unless said; `Infinity` for good. */
  readonly times?: number
  /** The request takes effect before its answer is lost or replaced. */
  readonly accept?: boolean
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  /** The body as it leaves, JSON or not. */
  readonly raw?: string
  /** The connection is cut: before any answer, or after so many bytes of the body. */
  readonly cut?: true | { readonly afterBytes: number }
  /** The answer leaves so much later (its effect does not). `Infinity`: never. */
  readonly delayMs?: number
}

export interface Faults {
  add(...faults: readonly Fault[]): void
  clear(): void
  /** The first that meets the request; counted as met. */
  meet(method: string, pathname: string): Fault | null
}

export function faults(): Faults {
  const waiting: { readonly fault: Fault; left: number }[] = []
  return {
    add: (...added) => void waiting.push(...added.map((fault) => ({ fault, left: fault.times ?? 1 }))),
    clear: () => void waiting.splice(0),
    meet: (method, pathname) => {
      const found = waiting.find(
        ({ fault, left }) =>
          left > 0 && (fault.method ?? method) === method && (fault.path?.test(pathname) ?? true),
      )
      if (found === undefined) return null
      found.left -= 1
      return found.fault
    },
  }
}

/** Whether the request must not reach its route. */
export const comesBefore = (fault: Fault): boolean =>
  fault.accept !== true && (fault.status !== undefined || fault.raw !== undefined || fault.cut === true)

const messages: Readonly<Record<number, string>> = {
  403: 'Forbidden',
  404: 'Not Found',
  410: 'Issues has been disabled in this repository.',
  422: 'Validation Failed',
  500: 'Server Error',
  502: 'Server Error',
  503: 'Service unavailable',
}

/** The answer as the fault leaves it; `answer` is what the route gave, null when it was not asked. */
export function faulty(fault: Fault, answer: Answer | null): Answer & { readonly raw?: string } {
  const status = fault.status ?? answer?.status ?? 200
  const message = {
    message: messages[status] ?? `Status ${status}`,
    documentation_url: '',
    status: String(status),
  }
  const body =
    fault.body ?? (fault.status === undefined ? answer?.body : status === 304 ? undefined : message)
  const headers = { ...answer?.headers, ...fault.headers }
  return { status, body, headers, ...(fault.raw === undefined ? {} : { raw: fault.raw }) }
}
