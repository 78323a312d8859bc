// The lines that steps of a run wrote, for `watchbill logs` and the page. Redacted before they arrive here.

import { json, type Statements } from './database.ts'

export interface LogLine {
  readonly run: string
  readonly step: string
  readonly atMs: number
  readonly line: string
}

/** Appends lines; lines of runs that are gone are dropped. */
export async function appendLog(statements: Statements, lines: readonly LogLine[]): Promise<void> {
  await statements.query(
    `insert into run_log (run, at_ms, step, line)
     select l.run, l."atMs", l.step, l.line
     from jsonb_to_recordset($1::jsonb) as l(run text, "atMs" bigint, step text, line text)
     where exists (select 1 from run where run.id = l.run)`,
    [json(lines)],
  )
}

/** Lines after `afterId`, oldest first. */
export function readLog(
  statements: Statements,
  page: { readonly run: string; readonly afterId: number; readonly max: number },
): Promise<{ id: number; atMs: number; step: string; line: string }[]> {
  return statements.query(
    'select id, at_ms as "atMs", step, line from run_log where run = $1 and id > $2 order by id limit $3',
    [page.run, page.afterId, page.max],
  )
}
