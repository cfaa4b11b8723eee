// The files of the status page and of its chart library, and the description of the lists API, read and named by
// content once at the start: serving them later touches no disk, and no path from outside ever reaches the file system.
// Each is compressed when it is first asked for: nobody may ever look at the page of a worker.

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import { builtSources, packageRoot } from '../../places.ts'

/** As HTTP names them. */
export type Compression = 'br' | 'gzip'

export interface Asset {
  readonly type: string
  readonly etag: string
  readonly plain: Buffer
  /** Made once, on another thread than the one that asks. */
  compressed(how: Compression): Promise<Buffer>
}

const compress: Readonly<Record<Compression, (plain: Buffer) => Promise<Buffer>>> = {
  br: (plain) =>
    promisify(brotliCompress)(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }),
  gzip: (plain) => promisify(gzip)(plain, { level: 9 }),
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
  const made = new Map<Compression, Promise<Buffer>>()
  return {
    type,
    etag: `"${hash}"`,
    plain,
    compressed(how) {
      const known = made.get(how) ?? compress[how](plain)
      made.set(how, known)
      return known
    },
  }
}
