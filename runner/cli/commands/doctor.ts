import { access, constants, statfs } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { settingsHere } from './connect.ts'
import { programLog } from './log.ts'
import { coloured, print, printJson } from './terminal.ts'
import { callControl, socketPath } from '../../control/call.ts'
import { Failure, Stop } from '../../model/error.ts'
import { systemClock } from '../../world/clock.ts'
import { type Settings, showSettings } from '../../world/settings.ts'

interface Finding {
  readonly what: string
  readonly state: 'ok' | 'warning' | 'problem'
  readonly said: string
}

type Check = (settings: Settings) => Promise<Omit<Finding, 'what'>>

/** `watchbill doctor`: what keeps the runner from working, each line with what to do. */
export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('what keeps the runner from working, and what to do')
    .option('--config', 'every variable, what it is set to, and what it means')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  watchbill doctor --config')
    .action(async (options: { config?: boolean; json?: boolean }) => {
      if (options.config === true) return showSettings(process.env).forEach((line) => print(line))
      const settings = settingsHere()
      const findings: Finding[] = []
      for (const [what, check] of checks) findings.push({ what, ...(await safely(check, settings)) })
      if (options.json === true) printJson({ items: findings })
      else for (const finding of findings) print(lineOf(finding))
      if (findings.some((finding) => finding.state === 'problem')) process.exitCode = 3
    })
}

const marks = { ok: ['✓', 'green'], warning: ['!', 'yellow'], problem: ['✕', 'red'] } as const

function lineOf({ what, state, said }: Finding): string {
  const [mark, style] = marks[state]
  return `${coloured(style, mark)} ${what.padEnd(12)} ${said}`
}

async function safely(check: Check, settings: Settings): Promise<Omit<Finding, 'what'>> {
  try {
    return await check(settings)
  } catch (error) {
    const remedy = error instanceof Stop || error instanceof Failure ? ` — ${error.remedy ?? ''}` : ''
    return { state: 'problem', said: `${error instanceof Error ? error.message : String(error)}${remedy}` }
  }
}

const freeBytesMin = 512 * 1024 * 1024

const checks: readonly (readonly [string, Check])[] = [
  ['data folder', dataFolder],
  ['database', database],
  ['repository', repository],
  [
    'claude',
    async ({ claude }) =>
      claude.apiKey === null
        ? missing('ANTHROPIC_API_KEY', 'decisions take their on_outage way')
        : ok('a key is set'),
  ],
  ['github', github],
  ['clock', async () => clockFinding()],
  ['time zones', async () => zones()],
]

const ok = (said: string): Omit<Finding, 'what'> => ({ state: 'ok', said })
const missing = (name: string, meaning: string): Omit<Finding, 'what'> => ({
  state: 'warning',
  said: `no ${name}: ${meaning} — set it to change that`,
})

async function dataFolder({ dataFolder: folder }: Settings): Promise<Omit<Finding, 'what'>> {
  const path = resolve(folder)
  const exists = await access(path, constants.W_OK).then(
    () => true,
    () => false,
  )
  if (!exists)
    return { state: 'warning', said: `${path} is not there or cannot be written — the first start makes it` }
  const { bavail, bsize } = await statfs(path)
  const free = bavail * bsize
  if (free < freeBytesMin)
    return {
      state: 'problem',
      said: `${path} has ${Math.round(free / 1e6)} MB free — make room, or the store stops`,
    }
  return ok(`${path}, ${Math.round(free / 1e9)} GB free`)
}

async function database(settings: Settings): Promise<Omit<Finding, 'what'>> {
  const { databaseUrl, dataFolder: folder } = settings
  if (
    databaseUrl === null &&
    (await callControl(socketPath(resolve(folder)), { verb: 'flows', limit: 1 })) !== null
  )
    return ok('embedded, held by the running runner')
  const { openDatabase } = await import('../../store/open.ts')
  const { schemaVersion } = await import('../../store/migrate.ts')
  const opened = await openDatabase({ databaseUrl, dataFolder: resolve(folder), log: programLog('silent') })
  try {
    return ok(`${opened.kind}, schema version ${await schemaVersion(opened).catch(() => 0)}`)
  } finally {
    await opened.close()
  }
}

async function repository(settings: Settings): Promise<Omit<Finding, 'what'>> {
  const source = /:/.test(settings.repository) ? settings.repository : resolve(settings.repository)
  const { openRepository } = await import('../../git/repository.ts')
  const followed = openRepository({
    source,
    branch: settings.branch,
    folder: resolve(settings.dataFolder),
    environment: settings.environment,
    credentials: null,
    clock: systemClock,
    log: programLog('silent'),
  })
  const head = await followed.head()
  if (head === 'missing-branch')
    return {
      state: 'problem',
      said: `${followed.shown} has no branch ${followed.branch() ?? ''} — set WATCHBILL_BRANCH, or commit first`,
    }
  return ok(`${followed.shown}@${followed.branch() ?? ''} is at ${head.slice(0, 12)}`)
}

async function github(settings: Settings): Promise<Omit<Finding, 'what'>> {
  const { token, apiUrl } = settings.github
  if (token === null) return missing('GITHUB_TOKEN', 'tickets are answered on this machine')
  const { createGitHub } = await import('../../github/client.ts')
  const me = await createGitHub({
    token,
    url: apiUrl,
    clock: systemClock,
    log: programLog('silent'),
  }).tickets.me()
  return ok(`${apiUrl} as ${me.login}`)
}

function clockFinding(): Omit<Finding, 'what'> {
  const year = new Date().getFullYear()
  if (year < 2026)
    return {
      state: 'problem',
      said: `this machine says it is ${year} — set its clock, or every time is wrong`,
    }
  return ok(new Date().toISOString())
}

function zones(): Omit<Finding, 'what'> {
  const known = Intl.supportedValuesOf('timeZone').length
  if (known < 300)
    return { state: 'problem', said: `only ${known} time zones are known — use a Node with full ICU` }
  return ok(`${known} zones, data ${process.versions['tz'] ?? 'unknown'}`)
}
