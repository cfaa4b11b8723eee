// `neupr-worker similar ITEM`: what somebody should see who has chosen only this item, out of the newest checkpoint.

import { Command } from 'commander'
import { readConfig } from '../config.ts'
import { Failure } from '../errors.ts'
import type { Io } from '../io.ts'
import { coreOfCheckpoint } from './checkpoint-core.ts'
import { newestCheckpoint } from './checkpoints.ts'

interface Flags {
  readonly checkpoints?: string
  readonly json?: boolean
  readonly k?: string
}

export function similarCommand(io: Io): Command {
  return new Command('similar')
    .description('the list for somebody who has chosen only this item, from the newest checkpoint')
    .argument('<item>', 'the id of the item')
    .option('--checkpoints <dir>', 'directory of the checkpoints')
    .option('--k <n>', 'length of the list')
    .option('--json', 'as one JSON object')
    .action(async (item: string, flags: Flags) => {
      const { json, ...settings } = flags
      const { config } = readConfig({ flags: settings, env: io.env })
      const core = coreOfCheckpoint(await newestCheckpoint(config), config)
      const id = core.input.items.find(item)
      if (id === undefined) {
        const message = `no item ${JSON.stringify(item)} among the ${core.input.items.length} of ${config.checkpoints}`
        throw new Failure('UNKNOWN_ITEM', `${message}: ids are compared as they are written`)
      }
      const history = { items: [id], times: [0], at: 0 }
      const { items, source } = core.serve({ kind: 'rank', history, k: config.k })!
      if (json === true) io.stdout.write(`${JSON.stringify({ item, source, items })}\n`)
      else io.stdout.write(tableOf(items))
    })
}

function tableOf(items: readonly { readonly item: string; readonly score: number }[]): string {
  const rows = items.map(({ item, score }, k) => {
    return `${String(k + 1).padStart(3)}. ${item.padEnd(16)} ${score.toFixed(3)}`
  })
  return `     ${'item'.padEnd(16)} P: preferred to the best one that is not listed\n${rows.join('\n')}\n`
}
