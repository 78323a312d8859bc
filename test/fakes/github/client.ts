// The real Octokit as somebody uses it against the fake; says nothing by itself.

import { Octokit } from '@octokit/rest'

import type { GitHub } from './server.ts'

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

/** Null: without signing in. */
export function clientOf(github: GitHub, login: string | null): Octokit {
  const signedIn = login === null ? {} : { auth: github.token(login) }
  return new Octokit({ ...signedIn, baseUrl: github.url, log: silent })
}

/** For `assert.rejects`: an answer of that status, and its message where one is given. */
export const status =
  (expected: number, message = /./) =>
  (error: unknown): boolean => {
    const { status: actual, message: text } = error as { status?: number; message: string }
    return actual === expected && message.test(text)
  }
