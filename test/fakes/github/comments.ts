// Routes of comments on issues.

import { type Answer, type Ask, changedSince, forbidden, notFound, repositoryAsked, whole } from './answer.ts'
import { commentsOf, createComment, deleteComment, editComment, type Place } from './changes.ts'
import { issueAsked, placeAsked } from './issues.ts'
import { page } from './paging.ts'
import { renderComment } from './render-issue.ts'
import { type Comment, mayAct, type Repository } from './world.ts'

export const commentRoutes = {
  'issues/list-comments': listOfIssue,
  'issues/list-comments-for-repo': listOfRepository,
  'issues/create-comment': create,
  'issues/get-comment': get,
  'issues/update-comment': update,
  'issues/delete-comment': remove,
} as const

/** Oldest first; the API lets nobody choose another order here. */
function listOfIssue(ask: Ask): Answer {
  const repository = repositoryAsked(ask)
  const issue = issueAsked(ask, repository)
  const comments = commentsOf(repository, issue.number).filter((comment) =>
    changedSince(ask, comment.updatedMs),
  )
  return page(ask, comments, (comment) => renderComment(ask.world, repository, comment))
}

function listOfRepository(ask: Ask): Answer {
  const repository = repositoryAsked(ask)
  const sort = ask.query.get('sort')
  const direction = sort !== null && ask.query.get('direction') !== 'asc' ? -1 : 1
  const key = (comment: Comment): number => (sort === 'updated' ? comment.updatedMs : comment.createdMs)
  const comments = [...repository.comments.values()]
    .filter(
      (comment) =>
        repository.issues.get(comment.issue)?.gone === null && changedSince(ask, comment.updatedMs),
    )
    .sort((a, b) => direction * (key(a) - key(b) || a.id - b.id))
  return page(ask, comments, (comment) => renderComment(ask.world, repository, comment))
}

function create(ask: Ask): Answer {
  const place = placeAsked(ask)
  const issue = issueAsked(ask, place.repository)
  if (issue.locked && !mayAct(place.repository, place.by.user, 'write'))
    throw forbidden('Unable to create comment because issue is locked.')
  const comment = createComment(place, issue, String(ask.body['body']))
  const shown = renderComment(ask.world, place.repository, comment)
  return { status: 201, body: shown, headers: { location: shown.url } }
}

function get(ask: Ask): Answer {
  const repository = repositoryAsked(ask)
  return { status: 200, body: renderComment(ask.world, repository, commentAsked(ask, repository)) }
}

function update(ask: Ask): Answer {
  const place = placeAsked(ask)
  const comment = ownOrGranted(place, commentAsked(ask, place.repository))
  editComment(place, comment, String(ask.body['body']))
  return { status: 200, body: renderComment(ask.world, place.repository, comment) }
}

function remove(ask: Ask): Answer {
  const place = placeAsked(ask)
  deleteComment(place, ownOrGranted(place, commentAsked(ask, place.repository)))
  return { status: 204 }
}

function commentAsked(ask: Ask, repository: Repository): Comment {
  const comment = repository.comments.get(whole(ask, 'comment_id'))
  if (comment === undefined || repository.issues.get(comment.issue)?.gone !== null) throw notFound()
  return comment
}

function ownOrGranted({ repository, by }: Place, comment: Comment): Comment {
  if (comment.author === by.user || mayAct(repository, by.user, 'write')) return comment
  throw forbidden('Must have admin rights to Repository.')
}
