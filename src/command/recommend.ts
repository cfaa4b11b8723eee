// `neupr-worker recommend USER`: the list of one user as the newest checkpoint would make it, and why.

import { Command } from 'commander'
import { createWasmEngine } from '../adapters/wasm/engine.ts'
import { type Config, readConfig } from '../config.ts'
import { Failure } from '../errors.ts'
import type { Explanation } from '../messages.ts'
import type { Checkpoint } from '../ports/checkpoint-store.ts'
import { createCore } from '../trainer/core.ts'
import { shapingOf } from '../trainer/state.ts'
import { newestCheckpoint } from './checkpoints.ts'
import type { Io } from './io.ts'

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
      const answer = explainFrom(checkpoint, config, user)
      if (answer === undefined) {
        const known = checkpoint.texts.get('users')?.length ?? 0
        const message = `no user ${JSON.stringify(user)} among the ${known} of ${config.checkpoints}`
        throw new Failure('UNKNOWN_USER', `${message}: ids are compared as they are written`)
      }
      io.stdout.write(flags.json === true ? `${JSON.stringify(answer)}\n` : explanationText(answer))
    })
}

/** The model is made as the checkpoint says, whatever the settings are now. */
function explainFrom(
  checkpoint: Checkpoint,
  config: Config,
  user: string,
): Explanation | undefined {
  const core = createCore({
    config: { ...config, ...shapingOf(checkpoint) },
    engine: createWasmEngine(),
    versionBase: 0,
    resume: checkpoint,
  })
  return core.explain(user, config.k)
}

const barWidth = 20
const positivesShown = 10

export function explanationText(answer: Explanation): string {
  const newest = answer.positives.slice(0, positivesShown).map(({ item }) => item)
  const more = answer.positives.length > newest.length ? ', …' : ''
  const lines = [
    `${answer.user} has ${newest.join(', ') || 'nothing yet'}${more} (newest first)`,
    `${answer.source === 'PERSONAL' ? 'A personal list' : 'The popular items'}; P: preferred to the next one`,
    '',
  ]
  answer.items.forEach(({ item, score, parts, because }, k) => {
    const bar = '█'.repeat(Math.round(score * barWidth)).padEnd(barWidth, '░')
    const gave = Object.entries(parts).map(([part, value]) => `${part} ${value.toFixed(2)}`)
    const reasons = because.map((reason) => reason.item).join(', ')
    lines.push(
      `${String(k + 1).padStart(3)}. ${item.padEnd(16)} ${bar} P ${score.toFixed(3)}   ${gave.join('  ')}`,
    )
    if (reasons !== '') lines.push(`     because of ${reasons}`)
  })
  return `${lines.join('\n')}\n`
}
