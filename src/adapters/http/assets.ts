// The files of the status page and of its chart library, and the description of the lists API, read, compressed and
// named by content once at the start: serving them later touches no disk, and no path from outside ever reaches the
// file system.

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { builtSources, packageRoot } from '../../places.ts'

export interface Asset {
  readonly type: string
  readonly etag: string
  readonly plain: Buffer
  readonly gzip: Buffer
  readonly brotli: Buffer
}

const html = 'text/html; charset=utf-8'
const css = 'text/css; charset=utf-8'
const js = 'text/javascript; charset=utf-8'

const pages: readonly (readonly [string, string, string])[] = [
  ['/', 'status.html', html],
  ['/status.css', 'status.css', css],
  ['/status.js', 'status.js', js],
  ['/charts.js', 'charts.js', js],
  ['/panels.js', 'panels.js', js],
  ['/tables.js', 'tables.js', js],
  ['/tiles.js', 'tiles.js', js],
  ['/parts.js', 'parts.js', js],
  ['/user.js', 'user.js', js],
  ['/format.js', 'format.js', js],
  ['/icon.svg', 'icon.svg', 'image/svg+xml'],
]
const charts: readonly (readonly [string, string, string])[] = [
  ['/uplot.js', 'uplot/dist/uPlot.iife.min.js', js],
  ['/uplot.css', 'uplot/dist/uPlot.min.css', css],
]

const page = new URL('adapters/http/page/', builtSources)

/** By path of the request. @throws when a file is missing: the build is not whole. */
export function loadAssets(): ReadonlyMap<string, Asset> {
  const require = createRequire(import.meta.url)
  const assets = new Map<string, Asset>()
  for (const [path, file, type] of pages) {
    assets.set(path, prepare(readFileSync(new URL(file, page)), type))
  }
  const openapi = new URL('docs/openapi.json', packageRoot)
  assets.set('/openapi.json', prepare(readFileSync(openapi), 'application/json; charset=utf-8'))
  for (const [path, file, type] of charts) {
    assets.set(path, prepare(readFileSync(require.resolve(file)), type))
  }
  return assets
}

function prepare(plain: Buffer, type: string): Asset {
  const hash = createHash('sha256').update(plain).digest('base64url').slice(0, 22)
  return {
    type,
    etag: `"${hash}"`,
    plain,
    gzip: gzipSync(plain, { level: 9 }),
    brotli: brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }),
  }
}
