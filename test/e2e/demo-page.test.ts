// The status page of a running demo in a real browser: curves that grow, a user looked up with the reasons, nothing on
// the console. The picture is kept where TEST_PICTURES names a folder.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { picture, skip, watched } from '../adapters/http/browsing.ts'
import { freePort } from '../servers/ports.ts'
import { start } from './program.ts'

test('the page of a running demo draws what happens and explains a list', {
  skip,
  timeout: 120_000,
}, async (t) => {
  const port = await freePort()
  // More events than a test waits for; it ends the demo when it has seen enough.
  const settings = ['--events', '1000000', '--effort', 'light', '--http-port', String(port)]
  const demo = start(['demo', ...settings])
  t.after(() => demo.child.kill('SIGKILL'))
  await demo.said('the status page is open')
  const { page, complaints, transferred } = await watched(t)
  await page.goto(`http://127.0.0.1:${port}/`)
  await page.waitForSelector(':nth-match(.plot canvas, 4)')
  assert.ok(transferred() < 100_000, `${transferred()} bytes`)

  const quality = page.locator('.plot >> nth=0')
  await page.waitForSelector('.plot[aria-label*="model 0."][aria-label*="popularity 0."]')
  const before = await quality.getAttribute('aria-label')
  await page.waitForSelector(`:nth-match(.plot, 1):not([aria-label="${before}"])`)
  assert.match((await page.textContent('#health')) ?? '', /Ready/)

  await page.click('.recent button >> nth=0')
  await page.waitForSelector('.list')
  assert.equal(await page.locator('.list > li').count(), 10)
  const parts = await page.locator('.lead >> nth=0').locator('tbody th').allTextContents()
  for (const part of ['history.nbpr', 'history.dncr', 'neighbours', 'trend', 'together']) {
    assert.ok(
      parts.some((name) => name.includes(part)),
      `${part} is missing in ${parts}`,
    )
  }
  // The first lists have little to say for themselves: what a history gives shows once it has learned.
  while ((await page.locator('.why').count()) === 0) {
    await page.click('.recent button >> nth=0')
    await page.waitForSelector('.list')
  }
  assert.match((await page.textContent('.why >> nth=0')) ?? '', /^pulled up by \S+ \+\d/)
  assert.ok((await page.locator('.history li').count()) > 0)
  await picture(page, 'demo')
  assert.deepEqual(complaints, [])

  demo.child.kill('SIGTERM')
  assert.equal((await demo.ended).code, 0)
})
