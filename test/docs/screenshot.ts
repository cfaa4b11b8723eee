// Takes docs/status-page.png again: the status page beside the demo of the README, with one user looked up.
//   node dist/test/docs/screenshot.js [FILE]     needs chromium on the PATH, or TEST_CHROMIUM

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { programOnPath } from '../deploy/programs.ts'
import { start } from '../e2e/program.ts'
import { freePort } from '../servers/ports.ts'
import { packageRoot } from '../servers/versions.ts'

/** Of 70,000 and more events the curves have a shape, and the demo of 120,000 has not ended. */
const learned = '^[7-9][0-9],[0-9]{3} so far'
const user = 'u0000'
const listedShown = 4

const program =
  process.env.TEST_CHROMIUM || programOnPath('chromium', 'chromium-browser', 'google-chrome')
assert.ok(program !== undefined, 'no browser on the PATH: apt-get install chromium')

const port = await freePort()
const demo = start(['demo', '--http-port', String(port)])
await demo.said('the status page is open')
const browser = await chromium.launch({ executablePath: program, args: ['--no-sandbox'] })
const view = { viewport: { width: 1200, height: 900 }, timezoneId: 'UTC' }
const page = await (await browser.newContext(view)).newPage()
await page.goto(`http://127.0.0.1:${port}/`)
await page.waitForSelector(`.tile .more:text-matches("${learned}")`, { timeout: 180_000 })
await page.fill('#user', user)
await page.keyboard.press('Enter')
await page.waitForSelector('.list')
await page.locator('#user').blur()
const last = await page.locator(`.list > li:nth-child(${listedShown})`).boundingBox()
assert.ok(last !== null)
const clip = { x: 0, y: 0, width: view.viewport.width, height: Math.ceil(last.y + last.height) }
const path = process.argv[2] ?? join(packageRoot, 'docs', 'status-page.png')
await page.screenshot({ path, clip, fullPage: true })
await browser.close()
demo.child.kill('SIGKILL')
process.stdout.write(`${path}\n`)
