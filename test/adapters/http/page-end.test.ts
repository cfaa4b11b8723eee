// The status page of a worker that has finished, in a real browser: it says so, and its figures stand still.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { opened, skip } from './browsing.ts'

test('a worker that has finished says so, and its curves stand still', { skip }, async (t) => {
  const { page, feed, complaints } = await opened(t)
  await page.waitForSelector(':nth-match(.plot canvas, 4)')
  feed.finished = true
  await page.waitForSelector('#health:has-text("Finished")')
  assert.match((await page.textContent('#about')) ?? '', /finished after \d+/)
  assert.match((await page.textContent('.tile >> nth=1')) ?? '', /in all$/)
  const curves = () =>
    page.evaluate(`fetch('api/curves?after=-1&grain=-1').then((got) => got.json())`)
  const before = await curves()
  // The server would have sampled more than once.
  const { tick } = feed
  await page.waitForResponse((got) => got.url().endsWith('api/state') && feed.tick > tick + 9)
  assert.deepEqual(await curves(), before)
  assert.deepEqual(complaints, [])
})
