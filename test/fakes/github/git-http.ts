// Clone, fetch and push over HTTP, by Git's own server program.

import { spawn } from 'node:child_process'
import type { IncomingMessage, ServerResponse } from 'node:http'

import { git, gitEnvironment } from './disk.ts'
import { tokenOf } from './sign-in.ts'
import { mayAct, type Repository, type Token, type World } from './world.ts'

const path = /^\/([^/]+)\/([^/]+?)(?:\.git)?\/(info\/refs|git-upload-pack|git-receive-pack)$/

export const isGit = (pathname: string): boolean => path.test(pathname)

/** `pushed` is called after each push that changed a ref, before its answer is complete. */
export async function serveGit(
  world: World,
  exchange: { readonly request: IncomingMessage; readonly response: ServerResponse; readonly root: string },
  pushed: (repository: Repository, token: Token) => void,
): Promise<void> {
  const { request, response } = exchange
  const url = new URL(request.url ?? '/', world.web)
  const [, owner, name, service] = path.exec(url.pathname) ?? []
  const repository = world.repositories.get(`${owner}/${name}`.toLowerCase())
  const token = tokenOf(world, request.headers.authorization)
  const pushing = service === 'git-receive-pack' || url.searchParams.get('service') === 'git-receive-pack'
  const status = refusal(repository, token, pushing)
  if (repository === undefined || status !== 200) {
    response.writeHead(status === 200 ? 404 : status, { 'www-authenticate': 'Basic realm="GitHub"' }).end()
    return
  }
  const before = await refs(repository)
  await backend(exchange, {
    GIT_PROJECT_ROOT: exchange.root,
    GIT_HTTP_EXPORT_ALL: '1',
    GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
    HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
    PATH_INFO: `${repository.folder.slice(exchange.root.length)}/${service}`,
    QUERY_STRING: url.search.slice(1),
    REQUEST_METHOD: request.method,
    CONTENT_TYPE: request.headers['content-type'],
    REMOTE_ADDR: '127.0.0.1',
    ...(typeof token === 'object' ? { REMOTE_USER: token.user.login } : {}),
  })
  // Git also posts an empty probe ahead of a large push: only what moved a ref counts.
  if (pushing && typeof token === 'object' && (await refs(repository)) !== before) pushed(repository, token)
  response.end()
}

const refs = ({ folder }: Repository): Promise<string> => git(folder, ['for-each-ref'])

function refusal(
  repository: Repository | undefined,
  token: Token | 'anonymous' | 'unknown',
  pushing: boolean,
): 200 | 401 | 403 | 404 {
  if (token === 'unknown') return 401
  const user = token === 'anonymous' ? null : token.user
  if (repository === undefined || !mayAct(repository, user, 'read')) return user === null ? 401 : 404
  if (!pushing || mayAct(repository, user, 'write')) return 200
  return user === null ? 401 : 403
}

async function backend(
  { request, response }: { readonly request: IncomingMessage; readonly response: ServerResponse },
  variables: NodeJS.ProcessEnv,
): Promise<void> {
  const child = spawn('git', ['http-backend'], {
    env: { ...gitEnvironment, ...variables },
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  request.pipe(child.stdin)
  child.stdin.on('error', () => child.kill())
  response.once('close', () => child.kill())
  let head: Buffer | null = Buffer.alloc(0)
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    if (head === null) {
      response.write(chunk)
      continue
    }
    head = Buffer.concat([head, chunk])
    const end = head.indexOf('\r\n\r\n')
    if (end < 0) continue
    writeHead(response, head.subarray(0, end).toString('latin1'))
    response.write(head.subarray(end + 4))
    head = null
  }
}

function writeHead(response: ServerResponse, lines: string): void {
  const headers = new Map(
    lines.split('\r\n').map((line) => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const
    }),
  )
  const status = Number.parseInt(headers.get('status') ?? '200', 10)
  headers.delete('status')
  response.writeHead(status, Object.fromEntries(headers))
}
