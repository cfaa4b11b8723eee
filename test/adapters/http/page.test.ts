// The status page in a real browser, fed by a made-up worker: it draws, answers, tells trouble, fits a phone
// and says nothing on the console. Pictures are kept where TEST_PICTURES names a folder.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { faintTexts, opened, picture, skip } from './browsing.ts'

test('shows curves, figures and conditions, with less than 100 kB to load', { skip }, async (t) => {
  const { page, complaints, transferred } = await opened(t)
  await page.waitForSelector(':nth-match(.plot canvas, 4)')
  assert.equal(await page.textContent('#health'), 'Ready')
  assert.ok(transferred() < 100_000, `${transferred()} bytes`)
  t.diagnostic(`${transferred()} bytes to the first picture`)
  const tiles = await page.locator('.tile dt').allTextContents()
  assert.deepEqual(tiles, [
    'Hit ratio at 10',
    'Events a second',
    'Event to list',
    'Waiting in the input',
    'Users',
  ])
  const told = await page.getAttribute('.plot >> nth=0', 'aria-label')
  assert.match(told ?? '', /model 0\.\d+, ItemKNN 0\.\d+, popularity 0\.\d+/)
  await page.waitForSelector(':nth-match(.conditions li, 5)')
  assert.deepEqual(complaints, [])
})

test('one figure has one value: the tile, the key of the curve and the table', {
  skip,
}, async (t) => {
  const { page } = await opened(t)
  await page.waitForSelector(':nth-match(.plot canvas, 4)')
  // Read in one go: the page moves on every second.
  const shown = await page.evaluate<string[]>(`[
    document.querySelector('.tile .figure').textContent,
    document.querySelector('.keys .value').textContent,
    document.querySelector('.quality tbody td').textContent,
  ]`)
  assert.match(shown[0] ?? '', /^0\.\d{3}$/)
  assert.deepEqual(new Set(shown).size, 1, shown.join(', '))
  const [tile, key] = await page.evaluate<string[]>(`[
    document.querySelector('.tile:nth-child(3) .figure').textContent,
    document.querySelector('.curve:nth-child(3) .keys .value').textContent,
  ]`)
  assert.equal(tile, key?.replace(' ', ''))
})

test('a source that cannot know what waits has no empty card for it', { skip }, async (t) => {
  const { page, feed, complaints } = await opened(t)
  await page.waitForSelector(':nth-match(.plot canvas, 4)')
  const { state } = feed
  feed.state = () => ({ ...state(), lagRecords: undefined })
  await page.waitForSelector('.tile:nth-child(5)', { state: 'detached' })
  await page.waitForSelector('.curve:nth-child(4)', { state: 'detached' })
  await page.waitForSelector(':nth-match(.plot canvas, 3)')
  await picture(page, 'no-lag')
  assert.deepEqual(complaints, [])
})

test('without JavaScript there is one sentence, and no empty heading', { skip }, async (t) => {
  const { page } = await opened(t, { javaScriptEnabled: false })
  assert.equal(await page.locator('h2:visible').count(), 0)
  assert.equal(await page.locator('#health').isVisible(), false)
  assert.match((await page.locator('noscript').textContent()) ?? '', /needs JavaScript/)
})

test('the curves go on by themselves, and the keys follow the pointer', { skip }, async (t) => {
  const { page, complaints } = await opened(t)
  const label = '.plot >> nth=1'
  await page.waitForSelector('.plot canvas')
  const before = await page.getAttribute(label, 'aria-label')
  await page.waitForSelector(`.plot[aria-label^="Throughput"]:not([aria-label="${before}"])`)
  const value = page.locator('.curve >> nth=0').locator('.keys .value >> nth=0')
  const newest = await value.textContent()
  const { x = 0, y = 0 } = (await page.locator('.u-over >> nth=0').boundingBox()) ?? {}
  await page.mouse.move(x + 3, y + 40)
  await page.waitForSelector(`:nth-match(.keys .value, 1):not(:text-is("${newest}"))`)
  assert.deepEqual(complaints, [])
})

test('a user is looked up by typing, by a click and by the address', { skip }, async (t) => {
  const { page, complaints, server } = await opened(t)
  await page.waitForSelector('.recent button')
  await page.fill('#user', 'anna')
  await page.keyboard.press('Enter')
  await page.waitForSelector('.list')
  assert.equal(await page.locator('.list > li').count(), 10)
  assert.match(
    (await page.textContent('.why >> nth=0')) ?? '',
    /^pulled up by item-5 \+0\.82, item-9 \+0\.41$/,
  )
  const [first, second] = await page.locator('.list > li').all()
  const beaten = (await second?.locator('.item').textContent()) ?? ''
  assert.equal(await first?.locator('.whom').textContent(), `beats ${beaten}`)
  // The first line is open, the second opens by the keyboard: what each part gave to it and to the one it beats.
  const lead = first?.locator('.lead tbody tr') ?? assert.fail()
  assert.deepEqual(await lead.nth(3).locator('th, td').allTextContents(), [
    ' neighbours',
    '+1.10',
    '+1.00',
    '+0.10',
  ])
  assert.equal(await second?.locator('.lead').isVisible(), false)
  await second?.locator('summary').focus()
  await page.keyboard.press('Enter')
  assert.equal(await second?.locator('.lead').isVisible(), true)
  assert.match(page.url(), /#user=anna$/)
  await page.click('.recent button >> nth=1')
  await page.waitForSelector('.answer h3:has-text("u77")')
  await page.goto('about:blank')
  await page.goto(`${server.url}/#user=u5150`)
  await page.waitForSelector('.history li')
  await picture(page, 'desktop')
  assert.deepEqual(complaints, [])
  await page.fill('#user', 'nobody')
  await page.keyboard.press('Enter')
  await page.waitForSelector('text=No user nobody')
})

test('what comes from users is text, never markup', { skip }, async (t) => {
  const { page, feed, complaints } = await opened(t)
  const nasty = '<img src=x onerror=alert(1)>'
  const { ask } = feed
  feed.ask = async () => {
    const answer = await ask('x')
    return (
      answer && {
        ...answer,
        user: nasty,
        items: answer.items.map((one) => ({ ...one, item: nasty })),
      }
    )
  }
  await page.waitForSelector('.recent button')
  await page.fill('#user', nasty)
  await page.keyboard.press('Enter')
  await page.waitForSelector('.list')
  assert.equal(await page.locator('#user-result img').count(), 0)
  assert.equal(await page.locator('.item >> nth=0').textContent(), nasty)
  assert.deepEqual(complaints, [])
})

test('trouble is told: a failing condition, a gate that has paused, a worker that is gone', {
  skip,
}, async (t) => {
  const { page, feed, server } = await opened(t)
  await page.waitForSelector('.plot canvas')
  feed.failing = true
  await page.waitForSelector('#health:text-is("Not ready: store")')
  assert.match((await page.textContent('#trouble')) ?? '', /^store.*has not answered for 12 s/)
  await picture(page, 'failing')
  feed.failing = false
  await page.waitForSelector('#trouble', { state: 'hidden' })
  feed.paused = true
  await page.waitForSelector('#gate-banner:not([hidden])')
  assert.match(
    (await page.textContent('#gate-banner')) ?? '',
    /^Publishing is paused: .*checkpoint 41/,
  )
  await picture(page, 'held')
  feed.paused = false
  await page.waitForSelector('#gate-banner', { state: 'hidden' })
  await server.close()
  await page.waitForSelector('#health:has-text("The worker does not answer")')
  assert.match((await page.textContent('#health')) ?? '', /what is shown is of \d\d:\d\d:\d\d$/)
})

test('a token is asked for once and kept for the tab', { skip }, async (t) => {
  const { page } = await opened(t, {}, { token: 'correct horse' })
  await page.waitForSelector('#token-form:not([hidden])')
  assert.equal(await page.textContent('#health'), 'A token is needed')
  await page.fill('#token', 'correct horse')
  await page.keyboard.press('Enter')
  await page.waitForSelector('.plot canvas')
  await page.reload()
  await page.waitForSelector('.plot canvas')
  assert.ok(await page.isHidden('#token-form'))
})

test('fits a phone and follows the dark scheme, readable in both', { skip }, async (t) => {
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const [name, width] of [
      ['desktop', 1280],
      ['phone', 360],
    ] as const) {
      const view = { colorScheme, viewport: { width, height: 800 } }
      const { page, complaints } = await opened(t, view, { path: '/#user=anna' })
      await page.waitForSelector('.list')
      await page.waitForSelector('.plot canvas')
      const wide = await page.evaluate<number>(`document.documentElement.scrollWidth`)
      assert.ok(wide <= width, `${name}: ${wide} of ${width}`)
      const cut = await page.evaluate<boolean>(
        `[...document.querySelectorAll('.scroll')].some((one) => one.scrollWidth > one.clientWidth)`,
      )
      assert.equal(cut, false, `${name}: a table is cut off`)
      assert.deepEqual(await faintTexts(page), [], `${name} ${colorScheme}`)
      await picture(page, `${name}-${colorScheme}`)
      assert.deepEqual(complaints, [])
      await page.context().close()
    }
  }
})

test('works by keyboard alone, with landmarks and named controls', { skip }, async (t) => {
  const { page } = await opened(t)
  await page.waitForSelector('.recent button')
  await page.keyboard.press('Tab')
  assert.equal(await page.evaluate(`document.activeElement?.className`), 'skip')
  await page.keyboard.press('Tab')
  assert.equal(await page.evaluate(`document.activeElement?.id`), 'user')
  await page.keyboard.type('anna')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await page.waitForSelector('.list')
  for (const role of ['banner', 'main', 'contentinfo', 'search'] as const) {
    assert.equal(await page.getByRole(role).count(), 1, role)
  }
  assert.equal(await page.getByLabel('User id').count(), 1)
  assert.equal(await page.locator('[role=img]:not([aria-label])').count(), 0)
})
