// Who may import whom, as data: each room, and each package, with the reason.

export interface Room {
  /** Folder or file, from the root. */
  readonly path: string
  /** Rooms it may import besides itself. */
  readonly may: readonly string[]
  readonly why: string
}

const ground = ['runner/model', 'runner/world', 'runner/store']

export const rooms: readonly Room[] = [
  { path: 'runner/model', may: [], why: 'the nouns stand alone, so that everyone can read them first' },
  {
    path: 'actions',
    may: ['runner/model'],
    why: 'an action gets its clients in the context and can be moved anywhere',
  },
  {
    path: 'runner/world',
    may: ['runner/model'],
    why: 'what we do not control is passed in, and knows nothing of us',
  },
  {
    path: 'runner/flow',
    may: ['runner/model', 'runner/world', 'schema'],
    why: 'YAML to compiled flow, without a store',
  },
  { path: 'runner/store', may: ['runner/model', 'runner/world'], why: 'all SQL, nothing else' },
  { path: 'runner/github', may: ['runner/model', 'runner/world'], why: 'one client for everyone' },
  {
    path: 'runner/git',
    may: [...ground, 'runner/flow'],
    why: 'following the branch ends in a stored revision',
  },
  { path: 'runner/decision', may: ground, why: 'asks, pays and records; never acts' },
  { path: 'runner/approval', may: [...ground, 'runner/github'], why: 'asks people; never acts' },
  { path: 'runner/status', may: ground, why: 'reads rows, changes nothing' },
  {
    path: 'runner/run',
    may: [...ground, 'runner/flow', 'runner/decision', 'runner/approval', 'actions'],
    why: 'the one place that calls decision, approval and action, in that order',
  },
  {
    path: 'runner/trigger',
    may: [...ground, 'runner/run', 'runner/github'],
    why: 'a trigger ends in an admitted run',
  },
  {
    path: 'runner/control',
    may: [...ground, 'runner/run', 'runner/approval', 'runner/trigger'],
    why: 'verbs of people, over the socket or beside it',
  },
  {
    path: 'runner/assembly',
    may: ['runner', 'actions'],
    why: 'the only room that builds adapters; it knows everyone, and only start.ts and cli/ know it',
  },
]

/** Where each package belongs; packages that are not named here may stand anywhere. */
export const packages: Readonly<Record<string, readonly string[]>> = {
  pg: ['runner/store/postgres'],
  '@electric-sql/pglite': ['runner/store/'],
  'pg-boss': ['runner/store/queue'],
  'simple-git': ['runner/git/'],
  '@anthropic-ai/sdk': ['runner/decision/claude'],
  '@octokit/rest': ['runner/github/'],
  '@octokit/plugin-throttling': ['runner/github/'],
  fastify: ['runner/status/', 'runner/trigger/webhook'],
  croner: ['runner/trigger/', 'runner/flow/'],
  undici: ['runner/world/'],
  commander: ['runner/cli/'],
  pino: ['runner/world/'],
  'pino-pretty': ['runner/world/'],
  '@marcbachmann/cel-js': ['runner/flow/'],
  yaml: ['runner/flow/'],
  'node:child_process': ['runner/world/', 'runner/git/', 'runner/store/', 'runner/cli/'],
}
