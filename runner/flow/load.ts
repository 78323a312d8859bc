// A commit's files to a revision: its flows and its policy, each on its own, so that one bad file breaks no other.

import type { Action } from '../model/action.ts'
import type { Commit } from '../model/id.ts'
import type { Policy } from '../model/policy.ts'
import type { Problem } from '../model/problem.ts'
import type { FlowVersion, Revision, SourceFiles } from '../model/revision.ts'
import { hashesOf } from './files.ts'
import { loadFlows, type Loaded } from './load-flows.ts'
import { compilePolicyBytes, policyFile } from './policy.ts'
import { problemInFile } from './source.ts'

export interface CommitSource {
  readonly commit: Commit
  readonly files: SourceFiles
}

export function loadRevision({ commit, files }: CommitSource, actions: readonly Action[]): Revision {
  const hashes = hashesOf(files)
  const policy = loadPolicy(files, actions)
  const paths = [...files.keys()].sort()
  const loaded = loadFlows({ files, hashes, actions, policy: policy.policy }, paths.filter(isFlowFile))
  const twice = sameNames(loaded)
  const problems = [...policy.problems, ...loaded.flatMap((one) => one.problems), ...twice.problems]
  const flows = loaded.flatMap(({ path, version }) =>
    version === null || twice.paths.has(path) ? [] : [version],
  )
  const broken = loaded
    .filter(({ path, version }) => version === null || twice.paths.has(path))
    .map(({ path }) => path)
  const brokenPolicy = files.has(policyFile) && policy.policy === null ? [policyFile] : []
  const named = unknownFlows(policy.policy, loaded)
  return {
    commit,
    flows,
    policy: policy.policy === null ? null : { policy: policy.policy, text: policy.text },
    problems: inOrder([...problems, ...named, ...paths.flatMap(pathProblem)]),
    broken: [...brokenPolicy, ...broken],
  }
}

/** Folders whose YAML is read by other files, not as flows. */
const otherFolders: ReadonlySet<string> = new Set(['templates', 'prompts', 'knowledge', 'fixtures'])

function isFlowFile(path: string): boolean {
  if (!path.endsWith('.yaml') || path.endsWith('.test.yaml') || path === policyFile) return false
  return !path
    .split('/')
    .slice(0, -1)
    .some((folder) => otherFolders.has(folder))
}

/** Files that look like flows but are not read, or have a name that will make trouble. */
function pathProblem(path: string): readonly Problem[] {
  const name = path.split('/').at(-1) ?? path
  if (/\.ya?ml$/i.test(name) && !name.endsWith('.yaml'))
    return [
      problemInFile(path, {
        code: 'file-name',
        severity: 'warning',
        message: 'the file is not read: flows end in .yaml',
        hint: `rename it to ${name.replace(/\.\w+$/, '.yaml')}`,
      }),
    ]
  if (!isFlowFile(path) || /^[a-z0-9][a-z0-9-]*\.yaml$/.test(name)) return []
  return [
    problemInFile(path, {
      code: 'file-name',
      severity: 'warning',
      message: `${name} is not a good name for a flow`,
      hint: 'use small letters, digits and hyphens',
    }),
  ]
}

function loadPolicy(
  files: SourceFiles,
  actions: readonly Action[],
): { readonly policy: Policy | null; readonly text: string; readonly problems: readonly Problem[] } {
  const bytes = files.get(policyFile)
  if (bytes === undefined) return { policy: null, text: '', problems: [] }
  const compiled = compilePolicyBytes(policyFile, bytes, actions)
  return { ...compiled, text: new TextDecoder().decode(bytes) }
}

/** Of two flows with one name neither is taken: which one was meant is for people to say. */
function sameNames(loaded: readonly Loaded[]): {
  readonly paths: ReadonlySet<string>
  readonly problems: readonly Problem[]
} {
  const byName = new Map<string, { readonly path: string; readonly version: FlowVersion }[]>()
  for (const { path, version } of loaded) {
    if (version === null) continue
    const same = byName.get(version.flow.name) ?? []
    byName.set(version.flow.name, [...same, { path, version }])
  }
  const twice = [...byName].filter(([, same]) => same.length > 1)
  const problems = twice.flatMap(([name, same]) =>
    same.map(({ path }) => {
      const others = same.map((one) => one.path).filter((other) => other !== path)
      return problemInFile(path, {
        code: 'name-mismatch',
        message: `${others.join(', ')} has the name ${name} too`,
        hint: 'every flow has a name of its own; neither is applied',
      })
    }),
  )
  return { paths: new Set(twice.flatMap(([, same]) => same.map(({ path }) => path))), problems }
}

/** A flow that is broken now may be meant, so this is no error. */
function unknownFlows(policy: Policy | null, loaded: readonly Loaded[]): readonly Problem[] {
  const names = new Set(
    loaded.flatMap(({ version }) => (version === null ? [] : [version.flow.name as string])),
  )
  if (policy === null || loaded.some(({ version }) => version === null)) return []
  return policy.allow.flatMap((allow) =>
    names.has(allow.flow)
      ? []
      : [
          problemInFile(policy.file, {
            code: 'policy',
            severity: 'warning',
            message: `${allow.id} is about the flow ${allow.flow}, which does not exist`,
            hint: 'correct the name, or remove the rule',
          }),
        ],
  )
}

function inOrder(problems: readonly Problem[]): readonly Problem[] {
  const key = ({ place }: Problem): string =>
    `${place.file}\0${String(place.line).padStart(9, '0')}${String(place.column).padStart(9, '0')}`
  return problems.toSorted((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0))
}
