// What a step can do: an action is a value that says everything about itself before it does anything.

import type { Json, JsonObject, JsonSchema } from './json.ts'
import type { Risk } from './risk.ts'
import type { Sink } from './trust.ts'

/**
 * What a second execution would mean. `read`: nothing changes. `idempotent`: the same state again.
 * `keyed`: the remote drops the second one by our key. `once`: it would happen twice.
 */
export type Repetition = 'read' | 'idempotent' | 'keyed' | 'once'

/** How an effect is taken back: by another action, whose input follows from what was done. */
export type Undo =
  | { readonly uses: string; readonly input: (input: JsonObject, output: Json) => JsonObject }
  | { readonly none: string }

/** What a probe found out about an earlier attempt of which the outcome is not known. */
export type Probed =
  | { readonly happened: true; readonly output: Json }
  | { readonly happened: false }
  | { readonly happened: 'unknowable' }

export interface Action {
  /** `family.verb`, as flows name it. */
  readonly name: string
  /** Raised when the meaning of an input changes; part of what people approve. */
  readonly version: number
  /** One sentence for people: what it does. */
  readonly summary: string
  /** Shape of the input: an object schema with `additionalProperties: false`; defaults are filled in. */
  readonly input: JsonSchema
  readonly output: JsonSchema
  /** The sink of each input property, by its name; nested values share the property's sink. */
  readonly sinks: Readonly<Record<string, Sink>>
  repetition(input: JsonObject): Repetition
  /** For `keyed`: how long the remote remembers our key; 24 h when absent. */
  readonly keyValidForMs?: number
  /** The least risk of this very input. */
  floor(input: JsonObject): Risk
  readonly undo: Undo
  /** One sentence for a ticket: what will happen with this input, without a full stop. */
  describe(input: JsonObject): string
  /** Names of connections and secrets (never values) that it will use; part of what people approve. */
  uses?(input: JsonObject): { readonly connections?: readonly string[]; readonly secrets?: readonly string[] }
  /** Does it. Throws `Failure`; anything else thrown is recorded as `invalid`. */
  run(input: JsonObject, context: ActionContext): Promise<Json>
  /** For `once`: looks whether an earlier attempt with the same key happened. */
  probe?(input: JsonObject, context: ActionContext): Promise<Probed>
}

/** What the runner hands to an action; the only way out of it. */
export interface ActionContext {
  /** Idempotency key of this effect: the same for every attempt of the same step of the same run. */
  readonly key: string
  /** Aborted on cancel and time-out; the action must stop soon after. */
  readonly signal: AbortSignal
  readonly http: Http
  readonly files: Folder
  readonly commands: Commands
  /** Absent when no credentials for GitHub are configured. */
  readonly github: GitHubCalls | null
  readonly connections: Readonly<Record<string, HttpConnection>>
  readonly memory: FlowMemory
  /** A line for the run's log; redacted before it is stored. */
  log(line: string): void
}

/**
 * What a flow remembers between its runs. A change is made once for the key of its effect: repeated, it answers what
 * it answered. Refuses what is beyond the limits of the store.
 */
export interface FlowMemory {
  /** Null when nothing stands under the name. */
  read(name: string): Promise<Remembered | null>
  /** @param expect the version that must stand there, 0 for none; null: whatever stands there */
  write(name: string, value: Json, expect: number | null): Promise<{ readonly version: number }>
  /** Adds to the end of a list; of a longer one than `itemsMax` the oldest are dropped. */
  append(
    name: string,
    item: Json,
    itemsMax: number,
  ): Promise<{ readonly version: number; readonly length: number }>
  /** Reads and clears at once: of two that take, one gets it. */
  take(name: string): Promise<Remembered | null>
}

export interface Remembered {
  readonly value: Json
  /** Changes with every change, and never comes again. */
  readonly version: number
}

export interface HttpConnection {
  readonly base: string
  /** Name of the secret sent as a bearer token, when the connection has one. */
  readonly bearer: string | null
}

export interface HttpRequest {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
  /** Name of a secret to send as `Authorization: Bearer`; refused for hosts the policy does not list for it. */
  readonly bearer: string | null
  readonly timeoutMs: number
  readonly responseBytesMax: number
  readonly redirectsMax: number
}

export interface HttpResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly truncated: boolean
  /** Where it ended after redirects. */
  readonly url: string
}

/** Requests to the outside: every address is checked after DNS and after each redirect, and pinned. */
export interface Http {
  request(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse>
}

/** Files inside the folders that the operator allows; never through a link. */
export interface Folder {
  read(path: string, bytesMax: number): Promise<string>
  /** Replaces the whole file atomically. */
  write(path: string, content: string): Promise<void>
  append(path: string, content: string): Promise<void>
  /** Null when there is no such file. */
  stat(path: string): Promise<{ readonly bytes: number; readonly modifiedMs: number } | null>
}

export interface Command {
  readonly argv: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  readonly cwd: string | null
  readonly stdin: string | null
  readonly timeoutMs: number
  readonly outputBytesMax: number
}

export interface CommandResult {
  readonly exitCode: number | null
  readonly signal: string | null
  readonly stdout: string
  readonly stderr: string
  readonly truncated: boolean
  readonly durationMs: number
}

/** Programs of this machine, without a shell, with a scrubbed environment, killed as a whole group. */
export interface Commands {
  run(command: Command, signal: AbortSignal, onLine: (line: string) => void): Promise<CommandResult>
}

/** The calls of GitHub that actions use. Writes are never repeated by the client. */
export interface GitHubCalls {
  createIssue(issue: {
    readonly repository: string
    readonly title: string
    readonly body: string
    readonly labels: readonly string[]
    readonly assignees: readonly string[]
  }): Promise<{ readonly number: number; readonly id: string; readonly url: string }>
  createComment(comment: {
    readonly repository: string
    readonly issue: number
    readonly body: string
  }): Promise<{ readonly id: string; readonly url: string }>
  /** The newest issues of a repository, newest first, at most 100; for probes. */
  recentIssues(repository: string): Promise<readonly GitHubText[]>
  /** The newest comments of an issue, newest first, at most 100; for probes. */
  recentComments(repository: string, issue: number): Promise<readonly GitHubText[]>
}

export interface GitHubText {
  readonly number: number
  readonly id: string
  readonly url: string
  readonly body: string
  readonly mine: boolean
}
