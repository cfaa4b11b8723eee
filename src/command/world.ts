// `neupr-worker world`: a made-up stream as lines of JSON, to try settings and actions on before there are events.

import { writeFileSync } from 'node:fs'
import { Command } from 'commander'
import type { Io } from '../io.ts'
import { isStockChange, type ShopEvent, type StockChange, shopRecords } from '../world/shop.ts'
import { createWorld } from '../world/world.ts'
import { createFlagReader } from './flag-reader.ts'

interface Flags {
  readonly events: string
  readonly seed: string
  readonly shop?: boolean
  readonly stock?: string
}

export function worldCommand(io: Io): Command {
  return new Command('world')
    .description('print a made-up stream of events, as lines of JSON in order of time')
    .option('--events <n>', 'how many', '60000')
    .option('--seed <n>', 'the same seed gives the same events', '1')
    .option('--shop', 'with actions: view, cart, purchase and return')
    .option('--stock <file>', 'of a shop: write the item feed there, for --items')
    .action(async (flags: Flags) => {
      const flag = createFlagReader()
      const seed = flag.whole('seed', flags.seed, 0, 2 ** 31 - 1)
      const events = flag.whole('events', flags.events, 1, 10_000_000)
      if (flags.stock !== undefined && flags.shop !== true) flag.fault('--stock needs --shop')
      flag.check()
      if (flags.shop === true) await printShop(io, shopRecords({ seed, events }), flags.stock)
      else await print(io, createWorld({ seed, events }).interactions())
    })
}

async function printShop(
  io: Io,
  records: Iterable<ShopEvent | StockChange>,
  stock: string | undefined,
): Promise<void> {
  const feed: string[] = []
  function* events(): Iterable<ShopEvent> {
    for (const record of records) {
      if (!isStockChange(record)) yield record
      else if (stock !== undefined) feed.push(`${JSON.stringify(record)}\n`)
    }
  }
  await print(io, events())
  if (stock !== undefined) writeFileSync(stock, feed.join(''))
}

async function print(io: Io, lines: Iterable<unknown>): Promise<void> {
  for (const line of lines) {
    if (io.stdout.write(`${JSON.stringify(line)}\n`)) continue
    await new Promise<void>((resolve) => {
      io.stdout.once('drain', resolve)
    })
  }
}
