// What differs between machines: one table of environment variables, each with its shape, default and meaning.

import { readFileSync } from 'node:fs'
import { Stop } from '../model/error.ts'

export type Environment = Readonly<Record<string, string | undefined>>

interface Variable {
  readonly name: string
  /** What a value must look like, in words. */
  readonly shape: string
  /** Null: none. */
  readonly preset: string | null
  readonly meaning: string
  /** Its value is never shown. */
  readonly secret?: true
  readonly fits: (value: string) => boolean
}

const anyText = (value: string): boolean => value.length > 0 && value.length <= 4_096
const port = (value: string): boolean => /^\d{1,5}$/.test(value) && Number(value) <= 65_535
const between =
  (min: number, max: number) =>
  (value: string): boolean =>
    /^\d{1,9}$/.test(value) && Number(value) >= min && Number(value) <= max
const httpUrl = (value: string): boolean => /^https?:\/\/[^\s]+$/.test(value) && URL.canParse(value)
const logLevels = ['debug', 'info', 'warn', 'error', 'silent']

/** Every variable the program reads. `watchbill doctor --config` prints it; `docs/OPERATING.md` is tested against it. */
export const variables = [
  {
    name: 'WATCHBILL_REPO',
    shape: 'URL or folder',
    preset: '.',
    meaning: 'the repository to follow; the default is this checkout',
    fits: anyText,
  },
  {
    name: 'WATCHBILL_BRANCH',
    shape: 'branch name',
    preset: null,
    meaning: 'the branch to follow; the default is the current one',
    fits: anyText,
  },
  {
    name: 'WATCHBILL_DIR',
    shape: 'folder inside the repository',
    preset: 'flows',
    meaning: 'where the flows are',
    fits: anyText,
  },
  {
    name: 'WATCHBILL_SIGNERS',
    shape: 'file',
    preset: null,
    meaning: 'allowed signers (as ssh-keygen reads them): commits that none of them signed are not applied',
    fits: anyText,
  },
  {
    name: 'WATCHBILL_POLL_SECONDS',
    shape: '1 to 86400',
    preset: '30',
    meaning: 'how often the branch is looked at',
    fits: between(1, 86_400),
  },
  {
    name: 'WATCHBILL_DATA',
    shape: 'folder',
    preset: 'data',
    meaning: 'the embedded database, the mirror, the control socket',
    fits: anyText,
  },
  {
    name: 'DATABASE_URL',
    shape: 'postgres://…',
    preset: null,
    meaning: 'PostgreSQL 14 or newer instead of the embedded database',
    secret: true,
    fits: (value) => /^postgres(ql)?:\/\//.test(value),
  },
  { name: 'WATCHBILL_PORT', shape: 'port', preset: '8000', meaning: 'the page', fits: port },
  {
    name: 'WATCHBILL_HOST',
    shape: 'address',
    preset: '127.0.0.1',
    meaning: 'where the page listens',
    fits: anyText,
  },
  {
    name: 'WATCHBILL_PAGE_TOKEN',
    shape: '16 characters or more',
    preset: null,
    meaning: 'needed when the page listens on anything but loopback',
    secret: true,
    fits: (value) => value.length >= 16,
  },
  { name: 'WATCHBILL_HOOK_PORT', shape: 'port', preset: '8001', meaning: 'signed webhooks', fits: port },
  {
    name: 'WATCHBILL_HOOK_HOST',
    shape: 'address',
    preset: '127.0.0.1',
    meaning: 'where webhooks are taken',
    fits: anyText,
  },
  {
    name: 'WATCHBILL_PUBLIC_URL',
    shape: 'http(s) URL',
    preset: null,
    meaning: 'used in links',
    fits: httpUrl,
  },
  {
    name: 'WATCHBILL_CONCURRENCY',
    shape: '1 to 1024',
    preset: '256',
    meaning: 'runs and steps at once in this runner',
    fits: between(1, 1_024),
  },
  {
    name: 'ANTHROPIC_API_KEY',
    shape: 'key',
    preset: null,
    meaning: 'without it decisions take their `on_outage` way',
    secret: true,
    fits: anyText,
  },
  {
    name: 'ANTHROPIC_BASE_URL',
    shape: 'http(s) URL',
    preset: null,
    meaning: 'another address of the Claude API',
    fits: httpUrl,
  },
  {
    name: 'GITHUB_TOKEN',
    shape: 'token',
    preset: null,
    meaning: 'without it tickets are answered on this machine',
    secret: true,
    fits: anyText,
  },
  {
    name: 'GITHUB_API_URL',
    shape: 'http(s) URL',
    preset: 'https://api.github.com',
    meaning: 'another address of the GitHub API',
    fits: httpUrl,
  },
  {
    name: 'WATCHBILL_LOG',
    shape: logLevels.join(', '),
    preset: 'info',
    meaning: 'how much the log says; JSON lines, pretty on a terminal',
    fits: (value) => logLevels.includes(value),
  },
] as const satisfies readonly Variable[]

export type VariableName = (typeof variables)[number]['name']

export interface Settings {
  readonly repository: string
  readonly branch: string | null
  readonly folder: string
  readonly pollMs: number
  /** A file of allowed signers. */
  readonly signers: string | null
  readonly dataFolder: string
  readonly databaseUrl: string | null
  readonly page: {
    readonly port: number
    readonly host: string
    readonly token: string | null
    readonly publicUrl: string | null
  }
  readonly hooks: { readonly port: number; readonly host: string }
  readonly concurrency: number
  readonly claude: { readonly apiKey: string | null; readonly baseUrl: string | null }
  readonly github: { readonly token: string | null; readonly apiUrl: string }
  readonly logLevel: string
  /** Everything else, for the secrets that the policy names. */
  readonly environment: Environment
}

const loopback = new Set(['127.0.0.1', '::1', 'localhost'])

/** Reads and checks all variables; a wrong one stops the start with its name and what was expected. */
export function readSettings(given: Environment): Settings {
  const environment = withFile(given)
  const values = new Map<string, string | null>(
    variables.map((variable) => [variable.name, valueOf(variable, environment)]),
  )
  const text = (name: VariableName): string => values.get(name) ?? ''
  const optional = (name: VariableName): string | null => values.get(name) ?? null
  const settings: Settings = {
    repository: text('WATCHBILL_REPO'),
    branch: optional('WATCHBILL_BRANCH'),
    folder: text('WATCHBILL_DIR').replace(/^\.\/|\/+$/g, ''),
    signers: optional('WATCHBILL_SIGNERS'),
    pollMs: Number(text('WATCHBILL_POLL_SECONDS')) * 1_000,
    dataFolder: text('WATCHBILL_DATA'),
    databaseUrl: optional('DATABASE_URL'),
    page: {
      port: Number(text('WATCHBILL_PORT')),
      host: text('WATCHBILL_HOST'),
      token: optional('WATCHBILL_PAGE_TOKEN'),
      publicUrl: optional('WATCHBILL_PUBLIC_URL'),
    },
    hooks: { port: Number(text('WATCHBILL_HOOK_PORT')), host: text('WATCHBILL_HOOK_HOST') },
    concurrency: Number(text('WATCHBILL_CONCURRENCY')),
    claude: { apiKey: optional('ANTHROPIC_API_KEY'), baseUrl: optional('ANTHROPIC_BASE_URL') },
    github: { token: optional('GITHUB_TOKEN'), apiUrl: text('GITHUB_API_URL') },
    logLevel: text('WATCHBILL_LOG'),
    environment,
  }
  if (!loopback.has(settings.page.host) && settings.page.token === null)
    throw new Stop(
      2,
      `the page would listen on ${settings.page.host} without a token`,
      'set WATCHBILL_PAGE_TOKEN: runs hold your data',
    )
  return settings
}

/** The table for people: name, what is set (never a secret), default, meaning. */
export function showSettings(given: Environment): string[] {
  const environment = withFile(given)
  return variables.map((variable: Variable) => {
    const value = fromEnvironment(variable, environment)
    const shown =
      value === null ? `default ${variable.preset ?? 'none'}` : variable.secret === true ? 'set' : value
    return `${variable.name.padEnd(24)} ${shown.padEnd(28)} ${variable.meaning} (${variable.shape})`
  })
}

function valueOf(variable: Variable, environment: Environment): string | null {
  const value = fromEnvironment(variable, environment)
  if (value === null) return variable.preset
  if (variable.fits(value)) return value
  const shown = variable.secret === true ? 'its value' : JSON.stringify(value.slice(0, 80))
  throw new Stop(
    2,
    `${variable.name}: ${shown} is not ${variable.shape}`,
    `correct it or unset it; it is ${variable.meaning}`,
  )
}

/** The variable, or for secrets the content of the file that `NAME_FILE` names. */
function fromEnvironment(variable: Variable, environment: Environment): string | null {
  const direct = environment[variable.name]
  if (direct !== undefined && direct !== '') return direct
  const file = variable.secret === true ? environment[`${variable.name}_FILE`] : undefined
  return file === undefined || file === '' ? null : readText(`${variable.name}_FILE`, file).trim()
}

/** `WATCHBILL_ENV_FILE` adds lines of `NAME=value`; what the environment itself says wins. */
function withFile(environment: Environment): Environment {
  const file = environment['WATCHBILL_ENV_FILE']
  if (file === undefined || file === '') return environment
  const added: Record<string, string> = {}
  readText('WATCHBILL_ENV_FILE', file)
    .split(/\r?\n/)
    .forEach((line, index) => {
      if (/^\s*(#|$)/.test(line)) return
      const match = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)$/.exec(line)
      if (match === null)
        throw new Stop(2, `${file}:${index + 1}: not NAME=value`, 'correct the line or begin it with #')
      added[match[1] ?? ''] = (match[2] ?? '').trim().replace(/^(['"])(.*)\1$/, '$2')
    })
  return { ...added, ...environment }
}

function readText(variable: string, file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unreadable'
    throw new Stop(2, `${variable}: ${reason}`, 'name a file that this account can read')
  }
}
