// The style, the script and the icon, served under names that change with their content.

import { readFileSync } from 'node:fs'
import { sha256 } from '../model/digest.ts'

export interface Asset {
  /** `/assets/page.<hash>.css`; may be kept for ever. */
  readonly path: string
  readonly contentType: string
  readonly body: string
}

export interface Assets {
  readonly style: Asset
  readonly script: Asset
  readonly icon: Asset
}

/** Reads them once; they belong to the program. */
export function readAssets(): Assets {
  const style = ['base', 'frame', 'rows', 'values', 'charts', 'records']
    .map((part) => read(`style-${part}.css`))
    .join('\n')
  return {
    style: asset('css', 'text/css; charset=utf-8', style),
    script: asset('js', 'text/javascript; charset=utf-8', read('page.js')),
    icon: asset('svg', 'image/svg+xml', read('icon.svg')),
  }
}

function read(name: string): string {
  return readFileSync(new URL(name, import.meta.url), 'utf8')
}

function asset(extension: string, contentType: string, body: string): Asset {
  return { path: `/assets/page.${sha256(body).slice(0, 12)}.${extension}`, contentType, body }
}
