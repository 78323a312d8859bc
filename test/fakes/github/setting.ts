// How a test sets the scene: accounts, tokens, teams, repositories and what is in them.

import { join } from 'node:path'

import { commit, type CommitOptions, type FileChange, makeBare } from './disk.ts'
import { type Person, person } from './people.ts'
import {
  addToken,
  addUser,
  appOf,
  knownUser,
  removeUser,
  renameUser,
  type Repository,
  repositoryOf,
  type Role,
  type User,
  type World,
} from './world.ts'

export interface Setting {
  /** Somebody at the web page; made on first mention. `app`: the slug of an app that acts on their behalf. */
  as(login: string, app?: string): Person
  addUser(login: string, given?: { readonly type?: User['type']; readonly id?: number }): User
  renameUser(from: string, to: string): void
  removeUser(login: string): void
  /** What the product signs in with. `app`: it acts for the user through that app; a bot has its own. */
  token(
    login: string,
    given?: { readonly app?: string; readonly scopes?: readonly string[]; readonly expiresMs?: number },
  ): string
  /** `team` as `organisation/slug`; the members are made on first mention. */
  addTeam(team: string, members: readonly string[]): void
  addRepository(name: string, given?: RepositoryOptions): Promise<FakeRepository>
  repository(name: string): FakeRepository
}

export interface RepositoryOptions {
  /** Private unless said. */
  readonly public?: boolean
  readonly issues?: boolean
  readonly people?: Readonly<Record<string, Role>>
}

export interface FakeRepository {
  readonly name: string
  /** The bare repository. */
  readonly folder: string
  readonly gitUrl: string
  permit(login: string, role: Role): void
  /** A commit as somebody would push it; gives its hash. */
  commit(
    files: Readonly<Record<string, FileChange>>,
    how?: {
      readonly by?: string
      readonly message?: string
      readonly branch?: string
      readonly onto?: string
    },
  ): Promise<string>
  settings(change: { readonly private?: boolean; readonly hasIssues?: boolean }): void
}

export function setting(world: World, root: string): Setting {
  return {
    as: (login, app) =>
      person(world, knownUser(world, login).login, app === undefined ? null : appOf(world, app)),
    addUser: (login, given) => addUser(world, login, given),
    renameUser: (from, to) => renameUser(world, from, to),
    removeUser: (login) => removeUser(world, login),
    token: (login, given) => addToken(world, login, given),
    addTeam: (team, members) =>
      void world.teams.set(team.toLowerCase(), new Set(members.map((login) => knownUser(world, login)))),
    addRepository: async (name, given = {}) => {
      const [owner = '', short = ''] = name.split('/')
      const repository: Repository = {
        id: world.nextId(),
        owner: world.users.get(owner.toLowerCase()) ?? addUser(world, owner, { type: 'Organization' }),
        name: short,
        private: given.public !== true,
        hasIssues: given.issues !== false,
        folder: join(root, owner, `${short}.git`),
        createdMs: world.now(),
        grants: new Map(
          Object.entries(given.people ?? {}).map(([login, role]) => [knownUser(world, login), role]),
        ),
        issues: new Map(),
        comments: new Map(),
      }
      await makeBare(repository.folder)
      world.repositories.set(name.toLowerCase(), repository)
      return handle(world, name)
    },
    repository: (name) => handle(world, name),
  }
}

function handle(world: World, name: string): FakeRepository {
  const repository = repositoryOf(world, name)
  return {
    name,
    folder: repository.folder,
    gitUrl: gitUrl(world, name),
    permit: (login, role) => void repository.grants.set(knownUser(world, login), role),
    commit: (files, { by, ...how } = {}) => {
      const author = by === undefined ? repository.owner : knownUser(world, by)
      const options: CommitOptions = { ...how, author, atMs: world.now() }
      return commit(repository.folder, files, options)
    },
    settings: (change) => void Object.assign(repository, change),
  }
}

export const gitUrl = (world: World, name: string): string => `${world.web}/${name}.git`
