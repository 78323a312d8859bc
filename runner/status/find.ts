// Where to go for what somebody typed.

import { at, type Context, to } from './context.ts'
import { impossible } from '../model/impossible.ts'
import type { Found } from '../store/view-find.ts'

export function addressOf(context: Context, found: Found): string {
  switch (found.is) {
    case 'flow':
      return to(context, at('flows', found.id))
    case 'run':
      return to(context, at('runs', found.id))
    case 'ticket':
      return to(context, at('approvals', found.id))
    case 'commit':
      return `${to(context, at('commits'), { cursor: String(found.seq + 1) })}#${found.id}`
    default:
      return impossible(found)
  }
}
