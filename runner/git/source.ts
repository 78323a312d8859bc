// Where the flows come from: a URL or a folder, split into what Git gets and what nobody may see.

import { isAbsolute } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Failure } from '../model/error.ts'

export interface Source {
  /** For Git's command line: never holds credentials. */
  readonly url: string
  /** For people. */
  readonly shown: string
  /** `user:password` that stood in the URL; sent as a header, kept out of arguments, files and messages. */
  readonly credentials: string | null
  /** Value of GIT_ALLOW_PROTOCOL: what may be spoken, also after a redirect. */
  readonly protocols: string
}

const remedy = 'Give an https:// or ssh:// URL, user@host:path, or the absolute path of a folder.'

/** Reads `https://…`, `ssh://…`, `user@host:path`, `file://…` or an absolute path. Throws `Failure('invalid')`. */
export function parseSource(text: string): Source {
  if (isAbsolute(text)) return local(pathToFileURL(text).href, text)
  if (URL.canParse(text) && text.includes('://')) return fromUrl(new URL(text), text)
  if (/^[\w.-]+@[\w.-]+:(?!\/\/)[^\s:-][^\s]*$/.test(text))
    return { url: text, shown: text, credentials: null, protocols: 'ssh' }
  throw new Failure('invalid', 'the repository is neither a URL that can be followed nor a folder', {
    remedy,
  })
}

function local(url: string, shown: string): Source {
  return { url, shown, credentials: null, protocols: 'file' }
}

function fromUrl(url: URL, text: string): Source {
  if (url.protocol === 'file:') return local(url.href, text)
  if (url.protocol === 'ssh:') return { url: text, shown: text, credentials: null, protocols: 'ssh' }
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname)))
    throw new Failure('invalid', `a repository cannot be followed over ${url.protocol}//`, {
      remedy: url.protocol === 'http:' ? 'Use https://; plain http:// is only for this machine.' : remedy,
    })
  const credentials =
    url.username === '' && url.password === ''
      ? null
      : `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`
  url.username = ''
  url.password = ''
  const shown = url.href
  return { url: shown, shown, credentials, protocols: url.protocol === 'http:' ? 'http:https' : 'https' }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host)
}

/** The rules of `git check-ref-format`. Throws `Failure('invalid')`. */
export function checkedBranch(name: string): string {
  const sound =
    /^[^\s~^:?*[\\\p{Cc}]+$/u.test(name) &&
    !/^[-/]|[/.]$|\.\.|@\{|\/\/|\/\.|^\.|\.lock(\/|$)|^@$/.test(name) &&
    name.length <= 255
  if (sound) return name
  throw new Failure('invalid', 'the name of the branch is not one that Git takes', {
    remedy: 'Set WATCHBILL_BRANCH to a branch such as main.',
  })
}
