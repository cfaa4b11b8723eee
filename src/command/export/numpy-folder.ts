// A folder of NumPy files with lines of JSON beside them, written some rows at a time.

import { closeSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { makeFolder } from '../../adapters/disk/folders.ts'
import { Failure } from '../../errors.ts'

/** Rows that are in memory at once. */
const rowsAtOnce = 4_096

/** Rows from … to-1. */
export interface Some {
  readonly from: number
  readonly to: number
}

/** `last`: the file that tells readers that all others are whole; it goes first. @throws Failure SINK_UNWRITABLE */
export function openFolder(folder: string, last: string) {
  const guarded = (name: string, work: (path: string) => void): void => {
    try {
      work(join(folder, name))
    } catch (cause) {
      // What the file system refuses; anything else is a mistake of ours.
      if (!(cause instanceof Error && 'syscall' in cause)) throw cause
      const why = `${join(folder, name)} cannot be written: ${cause.message}`
      throw new Failure('SINK_UNWRITABLE', why, { cause })
    }
  }
  guarded(last, (path) => {
    makeFolder(folder)
    rmSync(path, { force: true })
  })

  return {
    text: (name: string, text: string) => guarded(name, (path) => writeFileSync(path, text)),
    ids(name: string, rows: readonly number[], names: readonly string[]): void {
      const lines = ({ from, to }: Some) =>
        rows.slice(from, to).map((id) => `${jsonLine(names[id]!)}\n`)
      guarded(name, (path) => {
        writeInPieces(path, Buffer.alloc(0), rows.length, (some) =>
          Buffer.from(lines(some).join('')),
        )
      })
    },
    npy(name: string, rows: number, columns: number, data: (some: Some) => Float32Array): void {
      guarded(name, (path) => {
        writeInPieces(path, npyHeader(rows, columns), rows, (some) => {
          const { buffer, byteOffset, byteLength } = data(some)
          return new Uint8Array(buffer, byteOffset, byteLength)
        })
      })
    },
  }
}

function writeInPieces(
  path: string,
  head: Uint8Array,
  rows: number,
  bytesOf: (some: Some) => Uint8Array,
): void {
  const fd = openSync(path, 'w')
  try {
    writeAll(fd, head)
    for (let from = 0; from < rows; from += rowsAtOnce) {
      writeAll(fd, bytesOf({ from, to: Math.min(rows, from + rowsAtOnce) }))
    }
  } finally {
    closeSync(fd)
  }
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at)
}

/** A text as JSON that no reader of lines takes for two: beside \n some of them end a line at others as well. */
export function jsonLine(text: string): string {
  const escaped = (one: string) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`
  return JSON.stringify(text).replaceAll(/[\u007f-\u009f\u2028\u2029]/g, escaped)
}

/** Format 1.0 of NumPy: little-endian floats of four bytes, row by row, behind a header of whole 64 bytes. */
export function npyHeader(rows: number, columns: number): Buffer {
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows}, ${columns}), }`
  const length = Math.ceil((10 + text.length + 1) / 64) * 64 - 10
  const head = Buffer.alloc(10)
  head.write('\x93NUMPY', 'latin1')
  head.writeUInt8(1, 6)
  head.writeUInt16LE(length, 8)
  return Buffer.concat([head, Buffer.from(`${text.padEnd(length - 1)}\n`, 'latin1')])
}
