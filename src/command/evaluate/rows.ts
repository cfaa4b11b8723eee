// Rows for the protocols that judge models on a log: its additions, in the order in which they stand.

import { readChunks } from '../../adapters/file/bytes/chunks.ts'
import { unpacked } from '../../adapters/file/bytes/unpack.ts'
import { createTimes } from '../../consume/mapping/times/times.ts'
import { Failure } from '../../errors.ts'
import type { HeldOut } from '../../lab/offline/leave-one-out.ts'
import { interactionsOf } from '../../remember/remember.ts'
import type { Interaction } from '../../types.ts'
import { type EventReading, readEvents } from '../read-events.ts'

/** @throws Failure SOURCE_UNREADABLE, SOURCE_UNUSABLE */
export async function readRows(reading: EventReading): Promise<readonly Interaction[]> {
  const rows: Interaction[] = []
  let taken = 0
  let forgotten = 0
  for await (const { decoded } of readEvents(reading)) {
    for (const one of decoded) {
      if (one.kind === 'forget') forgotten++
      for (const event of interactionsOf(one)) {
        if (event.action === 'ADD') rows.push(event)
        else taken++
      }
    }
  }
  if (taken > 0) reading.say(`left out ${taken} events that take an item back`)
  if (forgotten > 0) reading.say(`left out ${forgotten} wishes to be forgotten`)
  if (rows.length === 0 && reading.io.stop?.aborted !== true) {
    throw new Failure('SOURCE_UNUSABLE', `${reading.input}: no event adds an item`)
  }
  return rows
}

/** Lines of user, item, time, rating, then the negatives, tab separated, plain or packed. */
export async function readHeldOut(path: string): Promise<HeldOut[]> {
  const times = createTimes({ timeUnit: 'auto', timeZone: 'UTC', timeFormat: '' }, [])
  const chunks: Buffer[] = []
  for await (const chunk of unpacked(readChunks(path), path)) chunks.push(chunk)
  const lines = Buffer.concat(chunks).toString('utf8').split(/\r?\n/)
  return lines.flatMap((line, number) => {
    if (line.trim() === '') return []
    const [user = '', item = '', time = '', , ...negatives] = line.split('\t')
    const timestamp = times.ofText(time.trim())
    if (negatives.length === 0 || !Number.isFinite(timestamp)) {
      const message = `${path}:${number + 1}: expected user, item, time, rating and negatives`
      throw new Failure('SOURCE_UNREADABLE', `${message}, separated by tabs`)
    }
    return [{ user, item, timestamp, negatives }]
  })
}
