// `neupr-worker export positives|items|lists|vectors`: what a checkpoint knows, for other programs: lines of JSON, and
// what a part has learned as vectors for NumPy.

import { Command } from 'commander'
import { type Config, readConfig } from '../config.ts'
import type { Io } from '../io.ts'
import type { Checkpoint } from '../ports/checkpoint-store.ts'
import { userStatesOf } from '../remember/user-states.ts'
import { ownedItems } from '../strength.ts'
import { coreOfCheckpoint } from './checkpoint-core.ts'
import { newestCheckpoint } from './checkpoints.ts'
import { exportVectors } from './export/vectors.ts'

interface Flags {
  readonly checkpoints?: string
  readonly k?: string
  readonly redis?: string
}

type Lines = (checkpoint: Checkpoint, config: Config) => Iterable<unknown>

const kinds: Readonly<Record<string, { readonly about: string; readonly lines: Lines }>> = {
  positives: { about: '{"user","items"} by user, items by event time', lines: positives },
  items: { about: '{"item","users"}: every item and how many users have it', lines: items },
  lists: {
    about: '{"user","items":[{"item","score"}],"source"}: every list as it would be now',
    lines: lists,
  },
}

export function exportCommand(io: Io): Command {
  const command = new Command('export').description(
    'what the newest checkpoint knows, for other programs',
  )
  for (const [name, { about, lines }] of Object.entries(kinds)) {
    const kind = new Command(name)
      .description(about)
      .option('--checkpoints <dir>', 'directory of the checkpoints')
    if (name === 'positives') {
      kind.option('--redis <url>', 'out of Redis instead of a checkpoint')
    }
    if (name === 'lists') kind.option('--k <n>', 'length of a list')
    command.addCommand(
      kind.action(async (flags: Flags) => {
        const { config } = readConfig({ flags: { ...flags }, env: io.env })
        if (flags.redis !== undefined) {
          const { redisPositives } = await import('./redis-positives.ts')
          await writeLines(io, await redisPositives(config, io))
          return
        }
        await writeLines(io, lines(await newestCheckpoint(config), config))
      }),
    )
  }
  return command.addCommand(vectorsCommand(io))
}

interface VectorFlags {
  readonly checkpoints?: string
  readonly part?: string
  readonly out: string
}

function vectorsCommand(io: Io): Command {
  return new Command('vectors')
    .description(
      'the vectors of users and items of one part as NumPy files, with their ids and a description',
    )
    .option(
      '--part <name>',
      'which one, as in `history.nbpr`; without it those with vectors are named',
    )
    .option('--out <dir>', 'folder of the files', 'vectors')
    .option('--checkpoints <dir>', 'directory of the checkpoints')
    .action(async ({ part, out, ...flags }: VectorFlags) => {
      const { config } = readConfig({ flags, env: io.env })
      io.stdout.write(exportVectors(await newestCheckpoint(config), config, part, out))
    })
}

async function writeLines(io: Io, lines: Iterable<unknown>): Promise<void> {
  for (const line of lines) {
    if (io.stdout.write(`${JSON.stringify(line)}\n`)) continue
    await new Promise<void>((resolve) => {
      io.stdout.once('drain', resolve)
    })
  }
}

function positives(checkpoint: Checkpoint): Iterable<unknown> {
  return [...userStatesOf(checkpoint)]
    .sort((a, b) => (a.user < b.user ? -1 : 1))
    .map((state) => ({ user: state.user, items: ownedItems(state).map(({ item }) => item) }))
}

function* items(checkpoint: Checkpoint): Iterable<unknown> {
  const holders = new Map<string, number>()
  // Where an item was let go of and none has come in its place, there is no name.
  for (const item of checkpoint.texts.get('items') ?? []) if (item !== '') holders.set(item, 0)
  for (const state of userStatesOf(checkpoint)) {
    for (const { item } of ownedItems(state)) holders.set(item, (holders.get(item) ?? 0) + 1)
  }
  for (const [item, users] of holders) yield { item, users }
}

function* lists(checkpoint: Checkpoint, config: Config): Iterable<unknown> {
  const core = coreOfCheckpoint(checkpoint, config)
  const { users, items: names } = core.input
  for (let id = 0; id < users.length; id++) {
    const { items: ranked, scores, source } = core.lists.rank(id, config.k)
    const named = [...ranked].map((item, k) => ({ item: names.name(item), score: scores[k] }))
    yield { user: users.name(id), items: named, source }
  }
}
