// Everything a step can do. A new family is a file beside this one and a line in this list.

import type { Action } from '../runner/model/action.ts'
import { fileRead, fileWrite } from './file.ts'
import { githubIssueComment, githubIssueCreate } from './github-issue.ts'
import { httpRequest } from './http.ts'
import { logRecord } from './log.ts'
import { shellRun } from './shell.ts'
import { stateAppend, stateRead, stateTake, stateWrite } from './state.ts'

export const actions: readonly Action[] = [
  httpRequest,
  shellRun,
  fileRead,
  fileWrite,
  logRecord,
  githubIssueCreate,
  githubIssueComment,
  stateRead,
  stateWrite,
  stateAppend,
  stateTake,
]
