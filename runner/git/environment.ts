// What a Git process gets to see: nothing of the operator's own Git settings, no prompt, no hook, no helper.

import type { Source } from './source.ts'

/** Of the runner's own environment: how to find programs and keys, how to get out, whom to believe. */
const inheritedNames = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'TMPDIR',
  'SSH_AUTH_SOCK',
  'http_proxy',
  'https_proxy',
  'HTTPS_PROXY',
  'no_proxy',
  'NO_PROXY',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'GIT_SSL_CAINFO',
] as const

/** Our own settings in the place of the user's. A file, because `upload-pack` of a local folder must see them too. */
export const gitConfig = `# Written by Watchbill at every start.
[core]
	hooksPath = /dev/null
	askPass =
	fsmonitor = false
	attributesFile = /dev/null
	protectHFS = true
	protectNTFS = true
[credential]
	helper =
[transfer]
	fsckObjects = true
[fetch]
	recurseSubmodules = no
	unpackLimit = 1
	writeCommitGraph = false
[submodule]
	recurse = false
[protocol]
	version = 2
[http]
	lowSpeedLimit = 1
	lowSpeedTime = 20
	followRedirects = initial
[gc]
	autoDetach = false
[maintenance]
	autoDetach = false
[safe]
	directory = *
[uploadpack]
	allowFilter = true
`

/** `accept-new` would trust a stranger at first sight; an unknown host must be made known by a person. */
const ssh = 'ssh -o BatchMode=yes -o ConnectTimeout=15 -o ServerAliveInterval=10 -o ServerAliveCountMax=2'

export interface GitSurroundings {
  readonly inherited: Readonly<Record<string, string | undefined>>
  readonly configFile: string
  readonly gitDir: string
  readonly source: Source
}

/** For reading objects that are here: no way out, so that a missing object is not fetched behind our back. */
export function localEnvironment(around: GitSurroundings): Record<string, string> {
  return { ...base(around), GIT_ALLOW_PROTOCOL: 'none' }
}

/** No mirror at all: whoever only asks the remote must not stumble over one that is damaged. */
export const nowhere = '/dev/null'

/** For asking the remote. `credentials` is `user:password`; it travels in the environment, never as an argument. */
export function remoteEnvironment(
  around: GitSurroundings,
  credentials: string | null,
): Record<string, string> {
  const environment = { ...base(around), GIT_ALLOW_PROTOCOL: around.source.protocols, GIT_SSH_COMMAND: ssh }
  if (credentials === null) return environment
  return {
    ...environment,
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: `http.${new URL(around.source.url).origin}/.extraHeader`,
    GIT_CONFIG_VALUE_0: `Authorization: Basic ${Buffer.from(credentials).toString('base64')}`,
  }
}

function base(around: GitSurroundings): Record<string, string> {
  const inherited = inheritedNames.flatMap((name) => {
    const value = around.inherited[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  return {
    ...Object.fromEntries(inherited),
    LC_ALL: 'C',
    GIT_DIR: around.gitDir,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: around.configFile,
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_NO_LAZY_FETCH: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_LITERAL_PATHSPECS: '1',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_PROTOCOL_FROM_USER: '0',
  }
}
