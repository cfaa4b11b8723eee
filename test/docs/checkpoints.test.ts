// docs/python.md reads a checkpoint of the worker as it says: other eyes than ours on the files.

import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { createDiskCheckpointStore } from '../../src/adapters/disk/checkpoint-store.ts'
import { coreOfCheckpoint } from '../../src/command/checkpoint-core.ts'
import { newestCheckpoint } from '../../src/command/checkpoints.ts'
import { readConfig } from '../../src/config.ts'
import type { Interaction } from '../../src/types.ts'
import { saveAsChanges } from '../contracts/checkpoint-changes.ts'
import { jsonLines, run, setsAfter, temporary, writeWorld } from '../e2e/program.ts'
import type { Workshop } from '../servers/tools.ts'
import { snippet, withReal } from './documents.ts'
import { pythonWithPackages } from './python.ts'

const shop: Workshop = { env: process.env, say: (line) => process.stderr.write(`${line}\n`) }

const found = await pythonWithPackages(shop)

const folder = temporary()
const state = join(folder, 'state')
const events = writeWorld(join(folder, 'events.ndjson'), 1_500)

before(async () => {
  if (found.skip !== false) return
  const files = ['--data', join(folder, 'events.ndjson'), '--checkpoints', state]
  const { code, stderr } = await run(['pretrain', ...files, '--effort', 'light'])
  assert.equal(code, 0, stderr)
})

test('Python finds ids, vectors and positives in a checkpoint', { skip: found.skip }, async () => {
  assert.ok(found.skip === false)
  const exported = await run(['export', 'positives', '--checkpoints', state])
  const [first] = jsonLines<{ user: string; items: string[] }>(exported.stdout)
  const item = first?.items[0] ?? ''

  const script = [
    snippet('python-load'),
    withReal(snippet('python-vectors'), { '"i0007"': JSON.stringify(item) }),
    withReal(snippet('python-positives'), { '"u0000"': JSON.stringify(first?.user) }),
  ].join('')
  writeFileSync(join(folder, 'read.py'), script)
  const lines = (await found.python.run('read.py', folder)).trim().split('\n')
  await writeAsChanges(state)
  assert.equal((await found.python.run('read.py', folder)).trim(), lines.join('\n'), 'of changes')
  assert.equal(lines.length, 6, lines.join('\n'))
  const likeness = lines.slice(0, 5).map((line) => Number(line.split(' ')[1]))
  assert.ok(likeness.every((value, at) => value < 1 && value <= (likeness[at - 1] ?? 1)))
  const [history = [], withheld = []] = [...(lines[5] ?? '').matchAll(/\[(.*?)\]/g)].map(
    ([, names = '']) => names.match(/\w+/g) ?? [],
  )
  assert.ok(history.length > 1, lines[5])
  assert.deepEqual([...history, ...withheld].sort(), [...(first?.items ?? [])].sort())
  assert.equal(history[0], newestOf(events, first?.user ?? '', withheld))
})

test('Python ranks the items of a user by exported vectors', { skip: found.skip }, async () => {
  assert.ok(found.skip === false)
  const out = join(folder, 'vectors')
  const flags = ['--part', 'history.nbpr', '--out', out, '--checkpoints', state]
  const exported = await run(['export', 'vectors', ...flags])
  assert.equal(exported.code, 0, exported.stderr)
  const lines = readFileSync(join(out, 'users.jsonl'), 'utf8').trim().split('\n')
  const user = JSON.parse(lines[3] ?? '') as string
  const code = withReal(snippet('python-exported'), { '"u0000"': JSON.stringify(user) })
  writeFileSync(join(folder, 'rank.py'), code)
  const said = (await found.python.run('rank.py', folder)).trim().split('\n')

  const { config } = readConfig({ flags: { checkpoints: state }, env: {} })
  const { learner, input } = coreOfCheckpoint(await newestCheckpoint(config), config)
  const id = input.users.find(user)!
  const { runs } = learner.positives
  const newest = runs.newestTime(id)
  const all = Int32Array.from(input.items.slice().keys())
  const scores = new Float32Array(all.length)
  const part = learner.parts.find(({ name }) => name === 'history.nbpr')
  part?.score(learner.momentOf(id, newest), all, scores, 0)
  const best = [...all].sort((a, b) => scores[b]! - scores[a]!).slice(0, 5)
  assert.deepEqual(
    said.map((line) => JSON.parse(line.split(' ')[0] ?? '') as string),
    best.map((item) => input.items.name(item)),
  )
  said.forEach((line, x) => {
    const away = Number(line.split(' ')[1]) - scores[best[x]!]!
    assert.ok(Math.abs(away) < 1e-3, line)
  })
})

/** Writes the same again, as changes to changes to a checkpoint that holds less. */
async function writeAsChanges(directory: string): Promise<void> {
  const store = createDiskCheckpointStore({ directory, kept: 3, bytesMax: 2 ** 30 })
  const { checkpoint } = await store.latest()
  assert.ok(checkpoint !== undefined)
  const { generation } = checkpoint
  const texts = [...checkpoint.texts].map(([name, list]) => [name, list.slice(0, 7)] as const)
  const less = { ...checkpoint, generation: generation + 1, texts: new Map(texts) }
  const vectors = 'history.nbpr/nbpr.item'
  const { shape, data } = checkpoint.tensors.get(vectors)!
  const zeros = { shape, data: data.map(() => 0) as typeof data }
  const more = {
    ...{ ...less, generation: generation + 2 },
    tensors: new Map([...checkpoint.tensors, [vectors, zeros]]),
  }
  await store.save(less)
  await saveAsChanges(store, more, less)
  await saveAsChanges(store, { ...checkpoint, generation: generation + 3 }, more)
  assert.equal((await store.latest()).madeOf?.length, 3)
}

/** The item that the user has added last and still has. */
function newestOf(events: readonly Interaction[], user: string, without: readonly string[]) {
  const own = events.filter((event) => event.user === user && !without.includes(event.item))
  const has = setsAfter(own).get(user)
  return own.findLast(({ item, action }) => action === 'ADD' && has?.has(item))?.item
}
