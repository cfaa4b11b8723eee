// The inverse of a symmetric positive definite matrix, in place, in plain loops over Float64Array.
// A = L·Lᵀ (Cholesky), U = (L⁻¹)ᵀ, A⁻¹ = U·Uᵀ. All three are dot products of stretches of rows, so one
// kernel on tiles of rows does nearly all the work: n³/2 multiplications, about 10⁹ a second.

const tile = 48
/** How many columns a tile takes at a time: 2 · 48 · 128 doubles stay in the fast cache. */
const stretch = 128

/** `matrix` is size × size, row by row; only its lower half is read. Throws where it is not positive definite. */
export function invertPositiveDefinite(matrix: Float64Array, size: number): void {
  factor(matrix, size)
  const inverse = invertFactor(matrix, size)
  for (let row = 0; row < size; row += tile) {
    for (let column = 0; column <= row; column += tile) {
      const sums = { out: matrix, sign: 0, rows: row, columns: column }
      multiplyRows(inverse, inverse, size, sums, row, size)
      for (let r = row; r < Math.min(row + tile, size); r++) {
        for (let c = column; c < Math.min(column + tile, size); c++) {
          matrix[c * size + r] = matrix[r * size + c]!
        }
      }
    }
  }
}

/** Cholesky: the lower half becomes L. */
function factor(matrix: Float64Array, size: number): void {
  for (let column = 0; column < size; column += tile) {
    for (let row = column; row < size; row += tile) {
      const place = { out: matrix, sign: -1, rows: row, columns: column }
      multiplyRows(matrix, matrix, size, place, 0, column)
      for (let r = row; r < Math.min(row + tile, size); r++) {
        const last = Math.min(column + tile, size, r + 1)
        for (let c = column; c < last; c++) {
          let rest = matrix[r * size + c]!
          for (let k = column; k < c; k++) rest -= matrix[r * size + k]! * matrix[c * size + k]!
          if (r !== c) matrix[r * size + c] = rest / matrix[c * size + c]!
          else if (rest > 0) matrix[r * size + c] = Math.sqrt(rest)
          else throw new RangeError(`the matrix is not positive definite at row ${r}`)
        }
      }
    }
  }
}

/** U with L·Uᵀ = I: row j of U is column j of L⁻¹, zero before j. */
function invertFactor(lower: Float64Array, size: number): Float64Array {
  const inverse = new Float64Array(size * size)
  for (let row = 0; row < size; row += tile) {
    for (let column = row; column < size; column += tile) {
      const place = { out: inverse, sign: -1, rows: row, columns: column }
      multiplyRows(inverse, lower, size, place, row, column)
      for (let r = row; r < Math.min(row + tile, size); r++) {
        for (let c = Math.max(column, r); c < Math.min(column + tile, size); c++) {
          let rest = r === c ? 1 : inverse[r * size + c]!
          for (let k = Math.max(column, r); k < c; k++) {
            rest -= inverse[r * size + k]! * lower[c * size + k]!
          }
          inverse[r * size + c] = rest / lower[c * size + c]!
        }
      }
    }
  }
  return inverse
}

/** Where a product goes: out[rows…, columns…] += sign·product, or = product for sign 0. */
interface Place {
  readonly out: Float64Array
  readonly sign: number
  readonly rows: number
  readonly columns: number
}

/** The tile of dot products of rows of `first` and rows of `second` over columns [from, to). */
function multiplyRows(
  first: Float64Array,
  second: Float64Array,
  size: number,
  place: Place,
  from: number,
  to: number,
): void {
  const { out, sign, rows, columns } = place
  const rowEnd = Math.min(rows + tile, size)
  const columnEnd = Math.min(columns + tile, size)
  if (sign === 0) {
    for (let r = rows; r < rowEnd; r++) out.fill(0, r * size + columns, r * size + columnEnd)
  }
  const factorOf = sign === 0 ? 1 : sign
  for (let k = from; k < to; k += stretch) {
    const end = Math.min(k + stretch, to)
    for (let r = rows; r < rowEnd; r += 2) {
      const r2 = Math.min(r + 1, rowEnd - 1)
      for (let c = columns; c < columnEnd; c += 2) {
        const c2 = Math.min(c + 1, columnEnd - 1)
        fourDots(first, second, size, r, r2, c, c2, k, end, dots)
        out[r * size + c]! += factorOf * dots[0]!
        if (c2 !== c) out[r * size + c2]! += factorOf * dots[1]!
        if (r2 === r) continue
        out[r2 * size + c]! += factorOf * dots[2]!
        if (c2 !== c) out[r2 * size + c2]! += factorOf * dots[3]!
      }
    }
  }
}

const dots = new Float64Array(4)

/** Two rows against two rows: four sums from four reads. */
function fourDots(
  first: Float64Array,
  second: Float64Array,
  size: number,
  r1: number,
  r2: number,
  c1: number,
  c2: number,
  from: number,
  to: number,
  out: Float64Array,
): void {
  let s11 = 0
  let s12 = 0
  let s21 = 0
  let s22 = 0
  const length = to - from
  const a1 = r1 * size + from
  const a2 = r2 * size + from
  const b1 = c1 * size + from
  const b2 = c2 * size + from
  for (let k = 0; k < length; k++) {
    const x1 = first[a1 + k]!
    const x2 = first[a2 + k]!
    const y1 = second[b1 + k]!
    const y2 = second[b2 + k]!
    s11 += x1 * y1
    s12 += x1 * y2
    s21 += x2 * y1
    s22 += x2 * y2
  }
  out[0] = s11
  out[1] = s12
  out[2] = s21
  out[3] = s22
}
