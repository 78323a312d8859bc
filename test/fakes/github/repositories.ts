// Routes of repositories: the repository itself, its commits and their statuses.

import type { RestEndpointMethodTypes } from '@octokit/rest'

import { type Answer, type Ask, needRole, Refusal, repositoryAsked, signedIn, timeOf } from './answer.ts'
import { record } from './changes.ts'
import { git, head } from './disk.ts'
import { placeAsked } from './issues.ts'
import { nodeId, renderUser } from './render-user.ts'
import { renderRepository } from './render-repository.ts'
import { fullName, type Repository, type User, type World } from './world.ts'

type Methods = RestEndpointMethodTypes
type ShownCommit = Methods['repos']['getCommit']['response']['data']

export const repositoryRoutes = {
  'repos/get': get,
  'repos/get-commit': getCommit,
  'repos/create-commit-status': createStatus,
} as const

function get(ask: Ask): Answer {
  return { status: 200, body: renderRepository(ask.world, repositoryAsked(ask), ask.token?.user ?? null) }
}

async function getCommit(ask: Ask): Promise<Answer> {
  const repository = repositoryAsked(ask)
  const ref = String(ask.path['ref'])
  if (
    (await head(repository.folder, '--all')) === null &&
    (await git(repository.folder, ['for-each-ref'])) === ''
  )
    throw new Refusal(409, 'Git Repository is empty.')
  const sha = await resolved(repository, ref)
  if (sha === null) throw new Refusal(422, `No commit found for SHA: ${ref}`)
  return { status: 200, body: await renderCommit(ask.world, repository, sha) }
}

/** A branch, a tag or a commit; nothing that Git would read as an option or an expression. */
async function resolved(repository: Repository, ref: string): Promise<string | null> {
  if (!/^[\w./-]+$/.test(ref) || ref.startsWith('-')) return null
  const names = [`refs/heads/${ref}`, `refs/tags/${ref}`, `refs/${ref}`, ref]
  for (const name of names) {
    const sha = await head(repository.folder, `${name}^{commit}`)
    if (sha !== null) return sha
  }
  return null
}

const format = ['%H', '%T', '%P', '%an', '%ae', '%at', '%cn', '%ce', '%ct', '%B'].join('%x00')

async function renderCommit(world: World, repository: Repository, sha: string): Promise<ShownCommit> {
  const said = await git(repository.folder, ['show', '--no-patch', `--format=${format}`, sha])
  const [, tree = '', parents = '', an, ae, at, cn, ce, ct, message = ''] = said.split('\0')
  const url = `${world.api}/repos/${fullName(repository)}`
  const html = `${world.web}/${fullName(repository)}/commit`
  const signature = (name = '', email = '', seconds = '0') => ({
    name,
    email,
    date: timeOf(Number(seconds) * 1_000),
  })
  const files = await filesOf(world, repository, sha)
  const sum = (key: 'additions' | 'deletions'): number => files.reduce((all, file) => all + file[key], 0)
  return {
    sha,
    node_id: nodeId('Commit', 0),
    url: `${url}/commits/${sha}`,
    html_url: `${html}/${sha}`,
    comments_url: `${url}/commits/${sha}/comments`,
    commit: {
      url: `${url}/git/commits/${sha}`,
      author: signature(an, ae, at),
      committer: signature(cn, ce, ct),
      message: message.trimEnd(),
      tree: { sha: tree, url: `${url}/git/trees/${tree}` },
      comment_count: 0,
      verification: {
        verified: false,
        reason: 'unsigned',
        signature: null,
        payload: null,
        verified_at: null,
      },
    },
    author: renderedByEmail(world, ae),
    committer: renderedByEmail(world, ce),
    parents: parents
      .split(' ')
      .filter((parent) => parent !== '')
      .map((parent) => ({ sha: parent, url: `${url}/commits/${parent}`, html_url: `${html}/${parent}` })),
    stats: {
      total: sum('additions') + sum('deletions'),
      additions: sum('additions'),
      deletions: sum('deletions'),
    },
    files,
  }
}

/** GitHub knows the account behind a commit only by the e-mail in it, which anybody can write. */
function renderedByEmail(world: World, email = ''): ReturnType<typeof renderUser> | null {
  const user = [...world.users.values()].find((user: User) => user.email === email)
  return user === undefined ? null : renderUser(world, user)
}

type ShownFile = NonNullable<ShownCommit['files']>[number]
const statuses: Readonly<Record<string, ShownFile['status']>> = {
  A: 'added',
  M: 'modified',
  D: 'removed',
  T: 'changed',
}

async function filesOf(world: World, repository: Repository, sha: string): Promise<ShownFile[]> {
  const options = ['diff-tree', '-r', '-z', '--root', '--no-commit-id', '--no-renames']
  const raw = (await git(repository.folder, [...options, '--raw', '--abbrev=40', sha])).split('\0')
  const counts = (await git(repository.folder, [...options, '--numstat', sha])).split('\0')
  const url = `${world.web}/${fullName(repository)}`
  return counts.flatMap((line, index) => {
    const [added, deleted, path] = line.split('\t')
    if (path === undefined) return []
    const [, , , blob = '', letter = 'M'] = (raw[index * 2] ?? '').split(' ')
    const additions = Number(added) || 0
    const deletions = Number(deleted) || 0
    const place = `${sha}/${encodeURIComponent(path)}`
    const shown: ShownFile = {
      sha: blob,
      filename: path,
      status: statuses[letter] ?? 'modified',
      additions,
      deletions,
      changes: additions + deletions,
      blob_url: `${url}/blob/${place}`,
      raw_url: `${url}/raw/${place}`,
      contents_url: `${world.api}/repos/${fullName(repository)}/contents/${encodeURIComponent(path)}?ref=${sha}`,
    }
    return [shown]
  })
}

async function createStatus(ask: Ask): Promise<Answer> {
  const place = placeAsked(ask)
  needRole(ask, place.repository, 'write')
  const sha = String(ask.path['sha'])
  if ((await resolved(place.repository, sha)) === null)
    throw new Refusal(422, `No commit found for SHA: ${sha}`)
  const { user } = signedIn(ask)
  const { state, description, target_url: target } = ask.body
  const context = typeof ask.body['context'] === 'string' ? ask.body['context'] : 'default'
  const id = ask.world.nextId()
  record(place, { is: 'status.created', text: `${sha} ${context} ${String(state)}` })
  const shown: Methods['repos']['createCommitStatus']['response']['data'] = {
    id,
    node_id: nodeId('StatusContext', id),
    url: `${ask.world.api}/repos/${fullName(place.repository)}/statuses/${sha}`,
    avatar_url: null,
    state: String(state),
    description: typeof description === 'string' ? description : null,
    target_url: typeof target === 'string' ? target : null,
    context,
    creator: renderUser(ask.world, user),
    created_at: timeOf(ask.world.now()),
    updated_at: timeOf(ask.world.now()),
  }
  return { status: 201, body: shown }
}
