// The status page of a worker that reads a backlog or sheds work, in a real browser: it says how far it has come.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { opened, picture, skip } from './browsing.ts'

test('a backlog says how much of it is read and when it will be; shed work says what is owed', {
  skip,
}, async (t) => {
  const { page, feed, complaints } = await opened(t)
  feed.catchingUp = true
  await page.waitForSelector('#keeping-up:not([hidden])')
  const banner = (): Promise<string> => page.textContent('#keeping-up').then((text) => text ?? '')
  assert.match(
    await banner(),
    /43 % read, 56,300 records to go at 2,345 a second, about 1 min 23 s left/,
  )
  await picture(page, 'backlog')
  feed.catchingUp = false
  const { state } = feed
  feed.state = () => {
    const told = state()
    return { ...told, trainer: { ...told.trainer!, shedShare: 0.38, debtEvents: 12_400 } }
  }
  await page.waitForSelector('#keeping-up:has-text("shed")')
  assert.match(await banner(), /38 % of the work is shed, 12,400 events are owed/)
  await picture(page, 'shedding')
  feed.state = state
  await page.waitForSelector('#keeping-up', { state: 'hidden' })
  assert.deepEqual(complaints, [])
})
