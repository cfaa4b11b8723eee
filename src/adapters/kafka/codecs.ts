// Teaches kafkajs to read batches of every codec that other producers may use, none of them beyond a bound: a
// small batch may claim to hold gigabytes. Only gzip is also written.

import { promisify } from 'node:util'
import * as zlib from 'node:zlib'
// A CommonJS module whose later exports only the default import shows.
import kafkajs, { CompressionTypes } from 'kafkajs'
import { InflationError } from './codecs/bounded.ts'
import { decodeLz4 } from './codecs/lz4.ts'
import { decodeSnappy } from './codecs/snappy.ts'
import { decodeZstd } from './codecs/zstd.ts'

const gzip = promisify(zlib.gzip)
const gunzip = promisify(zlib.unzip)

interface Codec {
  compress(encoder: { readonly buffer: Buffer }): Promise<Buffer>
  decompress(bytes: Buffer): Promise<Buffer>
}

/** kafkajs keeps one table of codecs per process, so the last bound set holds for every connection. */
export function registerCodecs(inflatedBytesMax: number): void {
  const reader = (decode: (bytes: Buffer, bytesMax: number) => Buffer) => () =>
    readOnly(async (bytes) => decode(bytes, inflatedBytesMax))
  kafkajs.CompressionCodecs[CompressionTypes.GZIP] = () => gzipCodec(inflatedBytesMax)
  kafkajs.CompressionCodecs[CompressionTypes.Snappy] = reader(decodeSnappy)
  kafkajs.CompressionCodecs[CompressionTypes.LZ4] = reader(decodeLz4)
  kafkajs.CompressionCodecs[CompressionTypes.ZSTD] = reader(decodeZstd)
}

function gzipCodec(inflatedBytesMax: number): Codec {
  return {
    // Lists become hardly smaller by more work: .57 of their size instead of .56, in half the time.
    compress: (encoder) => gzip(encoder.buffer, { level: zlib.constants.Z_BEST_SPEED }),
    async decompress(bytes) {
      try {
        return await gunzip(bytes, { maxOutputLength: inflatedBytesMax })
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code !== 'ERR_BUFFER_TOO_LARGE') throw cause
        throw new InflationError('gzip', inflatedBytesMax)
      }
    },
  }
}

function readOnly(decompress: Codec['decompress']): Codec {
  return {
    compress: () => Promise.reject(new Error('only gzip is written')),
    decompress,
  }
}
