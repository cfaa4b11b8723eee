// The inverse is an inverse, at sizes on both sides of every tile border.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { invertPositiveDefinite } from '../../../src/lab/baselines/positive-definite.ts'
import { createRandom } from '../../../src/sample/random.ts'

for (const size of [1, 2, 3, 47, 48, 49, 97, 131, 180]) {
  test(`matrix times inverse is one, size ${size}`, () => {
    const random = createRandom(size)
    const roots = Float64Array.from({ length: size * size }, () => random.normal())
    const matrix = new Float64Array(size * size)
    for (let row = 0; row < size; row++) {
      for (let column = 0; column < size; column++) {
        let sum = row === column ? 1 : 0
        for (let k = 0; k < size; k++) sum += roots[row * size + k]! * roots[column * size + k]!
        matrix[row * size + column] = sum
      }
    }
    const inverse = matrix.slice()
    invertPositiveDefinite(inverse, size)
    for (let row = 0; row < size; row++) {
      for (let column = 0; column < size; column++) {
        let sum = 0
        for (let k = 0; k < size; k++) sum += matrix[row * size + k]! * inverse[k * size + column]!
        assert.ok(Math.abs(sum - (row === column ? 1 : 0)) < 1e-8, `${row} ${column}: ${sum}`)
      }
    }
  })
}

test('a matrix that is not positive definite is refused', () => {
  assert.throws(() => invertPositiveDefinite(Float64Array.of(1, 2, 2, 1), 2), /row 1/)
})
