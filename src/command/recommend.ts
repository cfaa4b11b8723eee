// `neupr-worker recommend USER`: the list of one user as the newest checkpoint would make it, and why.

import { Command } from 'commander'
import { readConfig } from '../config.ts'
import { Failure } from '../errors.ts'
import type { Io } from '../io.ts'
import type { Explanation } from '../requests.ts'
import { coreOfCheckpoint } from './checkpoint-core.ts'
import { newestCheckpoint } from './checkpoints.ts'

interface Flags {
  readonly checkpoints?: string
  readonly json?: boolean
  readonly k?: string
}

export function recommendCommand(io: Io): Command {
  return new Command('recommend')
    .description("one user's list from the newest checkpoint, and what each part gave to it")
    .argument('<user>', 'the id of the user')
    .option('--checkpoints <dir>', 'directory of the checkpoints')
    .option('--k <n>', 'length of the list')
    .option('--json', 'as one JSON object')
    .action(async (user: string, flags: Flags) => {
      const { json: _, ...settings } = flags
      const { config } = readConfig({ flags: settings, env: io.env })
      const checkpoint = await newestCheckpoint(config)
      const answer = coreOfCheckpoint(checkpoint, config).explain(user, config.k)
      if (answer === undefined) {
        const known = checkpoint.texts.get('users')?.length ?? 0
        const message = `no user ${JSON.stringify(user)} among the ${known} of ${config.checkpoints}`
        throw new Failure('UNKNOWN_USER', `${message}: ids are compared as they are written`)
      }
      io.stdout.write(flags.json === true ? `${JSON.stringify(answer)}\n` : explanationText(answer))
    })
}

const positivesShown = 10
const columnsMin = 8

/** A table of 80 columns: what each part gave to the score, one column a part, and what pulled the item up. */
export function explanationText(answer: Explanation): string {
  const newest = answer.positives.slice(0, positivesShown).map(({ item }) => item)
  const more = answer.positives.length > newest.length ? ', …' : ''
  const source = answer.source === 'PERSONAL' ? 'A personal list' : 'The popular items'
  const parts = Object.keys(answer.items[0]?.parts ?? {})
  const told =
    parts.length === 0
      ? ''
      : '; beside it what each part gave, and what of the history pulled it up'
  const lines = [
    `${answer.user} has ${newest.join(', ') || 'nothing yet'}${more} (newest first)`,
    `${source}. P: preferred to the next one${told}`,
    '',
    ...heads(parts),
  ]
  answer.items.forEach(({ item, beatsNext, parts: gave, because }, k) => {
    const cells = parts.map((part) => signed(gave[part] ?? 0).padStart(columnOf(part)))
    lines.push(
      `${String(k + 1).padStart(3)}. ${item.padEnd(16)} ${beatsNext.toFixed(3)}${cells.join('')}`,
    )
    const reasons = because.map((one) => `${one.item} ${signed(one.gave)}`).join(', ')
    if (reasons !== '') lines.push(`       by ${reasons}`)
  })
  return `${lines.join('\n')}\n`
}

/** `history.nbpr` takes two lines. */
function heads(parts: readonly string[]): string[] {
  const line = (of: (part: string) => string) =>
    parts.map((part) => of(part).padStart(columnOf(part))).join('')
  const first = line((part) => part.split('.')[0] ?? '')
  const second = line((part) => part.split('.')[1] ?? '')
  const item = `     ${'item'.padEnd(16)} P    `
  return [`${item}${first}`.trimEnd(), `${' '.repeat(item.length)}${second}`.trimEnd()].filter(
    (text) => text !== '',
  )
}

function columnOf(part: string): number {
  const longest = Math.max(...part.split('.').map((word) => word.length))
  return Math.max(columnsMin, longest + 2)
}

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(2)}`
}
