// Reads what `export vectors` writes, by NumPy's own description of its format.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'

export interface Matrix {
  readonly rows: number
  readonly columns: number
  readonly at: (row: number, column: number) => number
}

/** By NumPy's own description of its format 1.0. */
export function readNpy(path: string): Matrix {
  const bytes = readFileSync(path)
  assert.equal(bytes.subarray(0, 8).toString('latin1'), '\x93NUMPY\x01\x00')
  const begin = 10 + bytes.readUInt16LE(8)
  assert.equal(begin % 64, 0)
  const header = bytes.subarray(10, begin).toString('latin1')
  const shape = /^\{'descr': '<f4', 'fortran_order': False, 'shape': \((\d+), (\d+)\), \} *\n$/
  const [, rows, columns] = (shape.exec(header) ?? assert.fail(header)).map(Number)
  assert.equal(bytes.length - begin, 4 * rows! * columns!)
  const at = (row: number, column: number) =>
    bytes.readFloatLE(begin + 4 * (row * columns! + column))
  return { rows: rows!, columns: columns!, at }
}

/** Lines of JSON texts, however careless the reader: it takes for an end of line all that some programs do. */
export function readLines(path: string): string[] {
  const lines = readFileSync(path, 'utf8').split(/\r\n|[\n\r\u0085\u2028\u2029]/)
  assert.equal(lines.pop(), '')
  return lines.map((line) => JSON.parse(line) as string)
}
