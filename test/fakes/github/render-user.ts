// Users and apps as the API shows them.

import type { RestEndpointMethodTypes } from '@octokit/rest'

import { timeOf } from './answer.ts'
import type { App, User, World } from './world.ts'

type Methods = RestEndpointMethodTypes
export type SimpleUser = Methods['teams']['listMembersInOrg']['response']['data'][number]
export type ShownApp = NonNullable<
  Methods['issues']['getComment']['response']['data']['performed_via_github_app']
>

/** Whoever wrote something and is gone. */
const ghost = { id: 10_137, login: 'ghost', type: 'User' } as const

export const nodeId = (kind: string, id: number): string => Buffer.from(`${kind}${id}`).toString('base64')

export function renderUser(world: World, user: User): SimpleUser {
  const { id, login, type } = world.removed.has(user) ? ghost : user
  const url = `${world.api}/users/${encodeURIComponent(login)}`
  return {
    login,
    id,
    node_id: nodeId('User', id),
    avatar_url: `${world.web}/avatars/u/${id}`,
    gravatar_id: '',
    url,
    html_url: `${world.web}/${encodeURIComponent(login)}`,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type,
    site_admin: false,
  }
}

export function renderPublicUser(
  world: World,
  user: User,
): Methods['users']['getByUsername']['response']['data'] {
  return {
    ...renderUser(world, user),
    name: null,
    company: null,
    blog: '',
    location: null,
    email: user.email,
    hireable: null,
    bio: null,
    public_repos: 0,
    public_gists: 0,
    followers: 0,
    following: 0,
    created_at: timeOf(user.createdMs),
    updated_at: timeOf(user.createdMs),
  }
}

export function renderPrivateUser(
  world: World,
  user: User,
): Methods['users']['getAuthenticated']['response']['data'] {
  return {
    ...renderPublicUser(world, user),
    private_gists: 0,
    total_private_repos: 0,
    owned_private_repos: 0,
    disk_usage: 0,
    collaborators: 0,
    two_factor_authentication: true,
  }
}

export function renderApp(world: World, app: App | null): ShownApp | null {
  if (app === null) return null
  const url = `${world.web}/apps/${app.slug}`
  return {
    id: app.id,
    slug: app.slug,
    node_id: nodeId('App', app.id),
    owner: renderUser(world, { id: 1, login: 'apps', type: 'Organization', email: '', createdMs: 0 }),
    name: app.slug,
    description: null,
    external_url: url,
    html_url: url,
    created_at: timeOf(0),
    updated_at: timeOf(0),
    permissions: { issues: 'write', metadata: 'read' },
    events: [],
  }
}
