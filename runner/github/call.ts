// The one Octokit: every request of the runner to GitHub passes here, throttled, timed out, never written twice.

import { Octokit } from '@octokit/rest'
import { throttling } from '@octokit/plugin-throttling'
import { Failure } from '../model/error.ts'
import type { Clock } from '../world/clock.ts'
import type { Log } from '../world/log.ts'
import { githubFailure, isHttpError } from './failure.ts'
import { pacedGroup } from './pace.ts'
import { createPause } from './pause.ts'

export interface CallParts {
  readonly token: string
  /** `https://api.github.com`, or that of another installation. */
  readonly url: string
  readonly clock: Clock
  readonly log: Log
  /** Between two writes; GitHub asks for a second, which is the default. */
  readonly writeGapMs?: number
  /** Of one request; 15 s when absent. */
  readonly timeoutMs?: number
}

export interface Reply {
  readonly status: number
  readonly data: unknown
  readonly headers: Readonly<Record<string, string | number | undefined>>
}

/** Sends `GET /user`; throws `Failure`. A 304 comes back as a reply; other redirects are failures. */
export type Call = (route: string, parameters?: Readonly<Record<string, unknown>>) => Promise<Reply>

const writeGapMsDefault = 1_000
const timeoutMsDefault = 15_000
const Client = Octokit.plugin(throttling)

export function createCall(parts: CallParts): Call {
  const octokit = clientOf(parts)
  const pause = createPause(parts.clock)
  return async (route, parameters = {}) => {
    pause.check(route)
    const timer = new AbortController()
    const cancel = parts.clock.after(parts.timeoutMs ?? timeoutMsDefault, () => timer.abort())
    try {
      const request = { signal: timer.signal, redirect: 'manual' as const }
      const { status, data, headers } = await octokit.request(route, { ...parameters, request })
      pause.clear()
      return arrived({ status, data, headers }, route)
    } catch (thrown) {
      if (isHttpError(thrown) && thrown.status === 304)
        return { status: 304, data: null, headers: thrown.response.headers }
      const failure = timer.signal.aborted
        ? new Failure('timeout', `GitHub did not answer ${route} in time`, { cause: thrown })
        : githubFailure(thrown, { route, nowMs: parts.clock.now() })
      pause.learn(failure)
      throw failure
    } finally {
      cancel()
    }
  }
}

function clientOf({
  token,
  url,
  clock,
  log,
  writeGapMs = writeGapMsDefault,
}: CallParts): InstanceType<typeof Client> {
  const writes = pacedGroup(clock, writeGapMs)
  const never = (): void => {}
  const line = (message: string): void => log.debug({ said: message }, 'github client')
  return new Client({
    auth: token,
    baseUrl: url.replace(/\/+$/, ''),
    userAgent: 'watchbill',
    headers: { 'x-github-api-version': '2022-11-28' },
    log: { debug: never, info: line, warn: line, error: line },
    // Neither handler asks for a repetition: whoever calls decides, and looks first whether a write happened.
    throttle: {
      id: url,
      write: writes,
      notifications: pacedGroup(clock, 0),
      onRateLimit: never,
      onSecondaryRateLimit: never,
    },
  })
}

/** Octokit hands over a body that is no JSON as text, and a redirect as if it were an answer. */
function arrived(reply: Reply, route: string): Reply {
  if (reply.status >= 300)
    throw new Failure('refused', `GitHub says that what ${route} asks for has moved`, {
      effect: 'none',
      remedy: 'name the repository by its new name in the policy',
      data: { status: 301 },
    })
  if (reply.status !== 204 && (typeof reply.data !== 'object' || reply.data === null))
    throw new Failure('unavailable', `GitHub's answer to ${route} cannot be read`)
  return reply
}
