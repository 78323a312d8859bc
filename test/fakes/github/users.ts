// Routes of users, teams and permissions.

import { type Answer, type Ask, forbidden, needRole, notFound, repositoryAsked, signedIn } from './answer.ts'
import { page } from './paging.ts'
import { renderPrivateUser, renderPublicUser, renderUser } from './render-user.ts'
import { type Role, roleOf, type User } from './world.ts'

export const userRoutes = {
  'users/get-authenticated': self,
  'users/get-by-username': get,
  'repos/get-collaborator-permission-level': permission,
  'teams/list-members-in-org': members,
} as const

function self(ask: Ask): Answer {
  const { user } = signedIn(ask)
  if (user.type === 'Bot') throw forbidden('Resource not accessible by integration')
  return { status: 200, body: renderPrivateUser(ask.world, user) }
}

function get(ask: Ask): Answer {
  return { status: 200, body: renderPublicUser(ask.world, userAsked(ask)) }
}

/** `permission` knows four levels, `role_name` says which role exactly. */
const permissionOf: Readonly<Record<Role, string>> = {
  none: 'none',
  read: 'read',
  triage: 'read',
  write: 'write',
  maintain: 'write',
  admin: 'admin',
}

function permission(ask: Ask): Answer {
  const repository = repositoryAsked(ask)
  needRole(ask, repository, 'write')
  const user = userAsked(ask)
  const role = roleOf(repository, user)
  const permissions = Object.fromEntries(
    (['pull', 'triage', 'push', 'maintain', 'admin'] as const).map((name, index) => [
      name,
      ['read', 'triage', 'write', 'maintain', 'admin'].indexOf(role) >= index,
    ]),
  )
  const shown = { ...renderUser(ask.world, user), permissions, role_name: role }
  return { status: 200, body: { permission: permissionOf[role], role_name: role, user: shown } }
}

/** A team is seen by people who are signed in and in the organisation; here: by everybody who is signed in. */
function members(ask: Ask): Answer {
  signedIn(ask)
  const team = ask.world.teams.get(`${ask.path['org']}/${ask.path['team_slug']}`.toLowerCase())
  if (team === undefined) throw notFound()
  const present = [...team].filter((user) => !ask.world.removed.has(user))
  return page(ask, present, (user) => renderUser(ask.world, user))
}

function userAsked({ world, path }: Ask): User {
  const user = world.users.get(String(path['username']).toLowerCase())
  if (user === undefined) throw notFound()
  return user
}
