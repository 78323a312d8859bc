// PGlite's files in a folder, with the fsync that PGlite leaves out.

import { fsyncSync } from 'node:fs'
import { NodeFS } from '@electric-sql/pglite/nodefs'
import { PGlite } from '@electric-sql/pglite'

interface NodeStream {
  readonly nfd?: number
}

interface StreamOps {
  fsync?: (stream: NodeStream) => number
}

/**
 * PGlite as shipped calls no fsync at all: Emscripten's NODEFS has none, so the call succeeds and does nothing.
 * Here it reaches the kernel. Leans on internals (`NODEFS.stream_ops`, `nfd`), so the version
 * is pinned exactly and a test counts the calls.
 */
export class DurableFolder extends NodeFS {
  override async init(...[pg, options]: Parameters<NodeFS['init']>): ReturnType<NodeFS['init']> {
    const started = await super.init(pg, options)
    const preRun = started.emscriptenOpts.preRun ?? []
    preRun.push((module) => {
      const nodefs = module.NODEFS as unknown as { readonly stream_ops: StreamOps }
      nodefs.stream_ops.fsync = (stream) => {
        if (stream.nfd !== undefined) fsyncSync(stream.nfd)
        return 0
      }
    })
    return { emscriptenOpts: { ...started.emscriptenOpts, preRun } }
  }
}

/** PGlite's own parameters without `-F` (no fsync), and little memory: 8 MB of buffers save about 110 MB. */
export const durableParams: readonly string[] = [
  ...PGlite.defaultStartParams.filter((parameter) => parameter !== '-F'),
  ...['-c', 'fsync=on', '-c', 'wal_sync_method=fsync', '-c', 'synchronous_commit=on'],
  ...['-c', 'full_page_writes=on', '-c', 'shared_buffers=8MB'],
]
