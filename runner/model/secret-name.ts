// Which names a policy may give to secrets: never those of the runner's own credentials.

const own: ReadonlySet<string> = new Set([
  'DATABASE_URL',
  'GITHUB_TOKEN',
  'GITHUB_INSTALLATION_ID',
  'OTEL_EXPORTER_OTLP_HEADERS',
])
const ownBeginnings = ['ANTHROPIC_', 'GITHUB_APP_', 'PG', 'WATCHBILL_'] as const

export const secretNameCharactersMax = 100

/** Why a policy cannot name this secret, in words; null when it can. */
export function secretNameFault(name: string): string | null {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || name.length > secretNameCharactersMax)
    return 'it is no name for a variable of the environment'
  // `NAME_FILE` would give away where the credential lies.
  const plain = name.toUpperCase().replace(/_FILE$/, '')
  if (own.has(plain) || ownBeginnings.some((beginning) => plain.startsWith(beginning)))
    return "it is one of the runner's own credentials"
  return null
}
