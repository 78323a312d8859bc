// A repository as the API shows it.

import type { RestEndpointMethodTypes } from '@octokit/rest'

import { timeOf } from './answer.ts'
import { nodeId, renderUser } from './render-user.ts'
import { fullName, mayAct, type Repository, type User, type World } from './world.ts'

type ShownRepository = RestEndpointMethodTypes['repos']['get']['response']['data']

export function renderRepository(world: World, repository: Repository, viewer: User | null): ShownRepository {
  const open = [...repository.issues.values()].filter(({ state, gone }) => state === 'open' && gone === null)
  const may = (role: 'read' | 'triage' | 'write' | 'maintain' | 'admin'): boolean =>
    mayAct(repository, viewer, role)
  return {
    ...addresses(world, repository),
    id: repository.id,
    node_id: nodeId('Repository', repository.id),
    name: repository.name,
    full_name: fullName(repository),
    owner: renderUser(world, repository.owner),
    private: repository.private,
    visibility: repository.private ? 'private' : 'public',
    permissions: {
      admin: may('admin'),
      maintain: may('maintain'),
      push: may('write'),
      triage: may('triage'),
      pull: may('read'),
    },
    default_branch: 'main',
    description: null,
    homepage: null,
    language: null,
    license: null,
    fork: false,
    archived: false,
    disabled: false,
    has_issues: repository.hasIssues,
    has_projects: false,
    has_wiki: false,
    has_pages: false,
    has_downloads: false,
    has_discussions: false,
    allow_auto_merge: false,
    size: 0,
    forks: 0,
    forks_count: 0,
    network_count: 0,
    subscribers_count: 0,
    stargazers_count: 0,
    watchers: 0,
    watchers_count: 0,
    open_issues: open.length,
    open_issues_count: open.length,
    created_at: timeOf(repository.createdMs),
    updated_at: timeOf(repository.createdMs),
    pushed_at: timeOf(repository.createdMs),
  }
}

type Addresses = Pick<ShownRepository, Extract<keyof ShownRepository, `${string}url`>>

function addresses(world: World, repository: Repository): Addresses {
  const url = `${world.api}/repos/${fullName(repository)}`
  const html = `${world.web}/${fullName(repository)}`
  return {
    url,
    html_url: html,
    clone_url: `${html}.git`,
    git_url: html.replace(/^http/, 'git'),
    ssh_url: `git@127.0.0.1:${fullName(repository)}.git`,
    svn_url: html,
    mirror_url: null,
    archive_url: `${url}/{archive_format}{/ref}`,
    assignees_url: `${url}/assignees{/user}`,
    blobs_url: `${url}/git/blobs{/sha}`,
    branches_url: `${url}/branches{/branch}`,
    collaborators_url: `${url}/collaborators{/collaborator}`,
    comments_url: `${url}/comments{/number}`,
    commits_url: `${url}/commits{/sha}`,
    compare_url: `${url}/compare/{base}...{head}`,
    contents_url: `${url}/contents/{+path}`,
    contributors_url: `${url}/contributors`,
    deployments_url: `${url}/deployments`,
    downloads_url: `${url}/downloads`,
    events_url: `${url}/events`,
    forks_url: `${url}/forks`,
    git_commits_url: `${url}/git/commits{/sha}`,
    git_refs_url: `${url}/git/refs{/sha}`,
    git_tags_url: `${url}/git/tags{/sha}`,
    hooks_url: `${url}/hooks`,
    issue_comment_url: `${url}/issues/comments{/number}`,
    issue_events_url: `${url}/issues/events{/number}`,
    issues_url: `${url}/issues{/number}`,
    keys_url: `${url}/keys{/key_id}`,
    labels_url: `${url}/labels{/name}`,
    languages_url: `${url}/languages`,
    merges_url: `${url}/merges`,
    milestones_url: `${url}/milestones{/number}`,
    notifications_url: `${url}/notifications{?since,all,participating}`,
    pulls_url: `${url}/pulls{/number}`,
    releases_url: `${url}/releases{/id}`,
    stargazers_url: `${url}/stargazers`,
    statuses_url: `${url}/statuses/{sha}`,
    subscribers_url: `${url}/subscribers`,
    subscription_url: `${url}/subscription`,
    tags_url: `${url}/tags`,
    teams_url: `${url}/teams`,
    trees_url: `${url}/git/trees{/sha}`,
  }
}
