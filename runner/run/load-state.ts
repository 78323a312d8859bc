// The state that a journal tells of, folded page by page: only the state is held, never the journal.

import { checkFact } from '../model/check-fact.ts'
import { Failure } from '../model/error.ts'
import { fold } from '../model/fold.ts'
import type { Fact } from '../model/journal.ts'
import { newRunState, type RunState } from '../model/run.ts'
import type { Statements } from '../store/database.ts'
import { entriesOf, type StoredEntry } from '../store/journal-pages.ts'
import type { HeldRun } from '../store/runs.ts'

/** The journal of a run cannot be folded by this program. */
export class UnreadableJournal extends Failure {
  /** `newer`: a newer program wrote it and can go on with it. */
  readonly written: 'newer' | 'broken'

  constructor(entry: number, fault: { readonly is: 'unknown' | 'broken'; readonly why: string }) {
    const newer = fault.is === 'unknown'
    super('invalid', `entry ${entry} of the journal cannot be read: ${fault.why}`, {
      remedy: newer
        ? 'start the version of Watchbill that wrote it; or start the flow again'
        : 'restore the store from a backup, or start the flow again',
    })
    this.written = newer ? 'newer' : 'broken'
  }
}

/** @param also sees each fact too. Throws `UnreadableJournal`. */
export async function loadState(
  statements: Statements,
  row: Pick<HeldRun, 'id' | 'epoch' | 'cancelBy'>,
  also: (fact: Fact) => void = () => {},
): Promise<RunState> {
  const state = newRunState()
  // The first holder of a run finds nothing before it.
  if (row.epoch > 1)
    for await (const page of entriesOf(statements, row.id)) for (const entry of page) also(take(state, entry))
  if (row.cancelBy !== null) state.cancelBy = row.cancelBy
  return state
}

function take(state: RunState, { seq, fact }: StoredEntry): Fact {
  const fault = seq < 1 ? ({ is: 'broken', why: 'its number is below one' } as const) : checkFact(fact)
  if (fault !== null) throw new UnreadableJournal(seq, fault)
  try {
    fold(state, fact as unknown as Fact)
  } catch (error) {
    const why = error instanceof Error ? error.message : 'it does not fit what is before it'
    throw new UnreadableJournal(seq, { is: 'broken', why })
  }
  state.seq = seq
  return fact as unknown as Fact
}
