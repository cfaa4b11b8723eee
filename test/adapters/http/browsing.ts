// A browser for the tests of the status page, and what they look at: complaints, bytes, contrast, pictures.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, type TestContext } from 'node:test'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { type StatusServer, startStatusServer } from '../../../src/adapters/http/server.ts'
import { programOnPath, skipWithout } from '../../deploy/programs.ts'
import { packageRoot } from '../../servers/versions.ts'
import { createFeed, type Feed, silent } from './feed.ts'
import { apiOf, createMadeUpLists } from './made-up-lists.ts'

const program =
  process.env.TEST_CHROMIUM || programOnPath('chromium', 'chromium-browser', 'google-chrome')
export const skip = skipWithout(
  program,
  'no browser on the PATH: apt-get install chromium, or set TEST_CHROMIUM',
)

let browser: Browser
before(async () => {
  if (skip !== false) return
  assert.ok(program !== undefined, 'the tests of the page need chromium on the PATH')
  browser = await chromium.launch({ executablePath: program, args: ['--no-sandbox'] })
})
after(() => browser?.close())

interface Watched {
  readonly page: Page
  /** What the browser complained of. */
  readonly complaints: readonly string[]
  /** Bytes that came over the wire. */
  readonly transferred: () => number
}

interface Opened extends Watched {
  readonly feed: Feed
  readonly server: StatusServer
}

/** A page of its own that is not at any address yet, closed with the test. */
export async function watched(t: TestContext, view: BrowserContextOptions = {}): Promise<Watched> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...view })
  t.after(() => context.close())
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  let bytes = 0
  const wire = await context.newCDPSession(page)
  await wire.send('Network.enable')
  wire.on('Network.loadingFinished', ({ encodedDataLength }) => {
    bytes += encodedDataLength
  })
  return { page, complaints, transferred: () => bytes }
}

export async function opened(
  t: TestContext,
  view: BrowserContextOptions = {},
  { token = '', path = '/' } = {},
): Promise<Opened> {
  const feed = createFeed()
  const server = await startStatusServer({
    status: movingOn(feed),
    api: apiOf(createMadeUpLists()),
    registry: { contentType: 'text/plain', metrics: async () => 'up 1\n' },
    log: silent,
    now: () => performance.now(),
    host: '127.0.0.1',
    port: 0,
    token,
  })
  t.after(() => server.close())
  const seen = await watched(t, view)
  await seen.page.goto(server.url + path)
  return { ...seen, feed, server }
}

/** Every look at the state is some seconds later than the one before, so curves need no waiting. */
function movingOn(feed: Feed): Feed {
  const { state } = feed
  return Object.assign(feed, {
    state: () => {
      feed.tick += 3
      return state()
    },
  })
}

export async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env.TEST_PICTURES
  if (folder !== undefined)
    await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true })
}

/** Texts that are hard to read, with their contrast. */
export function faintTexts(page: Page): Promise<string[]> {
  const source = readFileSync(join(packageRoot, 'test/adapters/http/faint-texts.js'), 'utf8')
  return page.evaluate<string[]>(source)
}
