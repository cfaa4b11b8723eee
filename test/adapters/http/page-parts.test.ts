// The table of what the score is made of, in a real browser: its last rows, and what they are compared with.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { opened, picture, skip } from './browsing.ts'

test('what the score is made of ends with the hidden layer, whose sum the parts are left out of', {
  skip,
}, async (t) => {
  const { page, complaints } = await opened(t)
  await page.waitForSelector('table.weights')
  // Read in one go: the page moves on every second.
  const [layer = [], model = [], note = []] = await page.evaluate<string[][]>(`[
    ...[...document.querySelectorAll('table.weights tbody tr')].slice(-2)
      .map((row) => [...row.children].map((cell) => cell.textContent)),
    [...document.querySelectorAll('.weights ~ .quiet, .scroll ~ .quiet')].map((p) => p.textContent),
  ]`)
  assert.deepEqual([layer[0], model[0]], ['hidden-layer', 'the model'])
  const [alone, sum, whole] = [layer[3], layer[4], model[3]].map(Number)
  assert.ok(alone! < sum! && sum! < whole!, `${alone} ${sum} ${whole}`)
  assert.match(note[0] ?? '', new RegExp(`^The sum of all parts.* has ${layer[4]}: `))
  await picture(page, 'score-made-of')
  assert.deepEqual(complaints, [])
})
