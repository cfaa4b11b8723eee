// The consumers that the documents show, run as they stand against a real Kafka: they keep the newest list of each
// user, pass over an older one that comes late, and drop who was forgotten.

import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { createListEncoder, encodeForgotten, type ListForm } from '../../src/publish/encode.ts'
import type { OutRecord, TopList } from '../../src/types.ts'
import { given, type Onlooker, onlooker } from '../adapters/kafka/real-kafka.ts'
import { kafkaLibraries } from '../servers/libraries.ts'
import { java, type Workshop } from '../servers/tools.ts'
import { kafkaVersionOf, packageRoot } from '../servers/versions.ts'
import { snippet, withReal } from './documents.ts'
import { pythonWithPackages } from './python.ts'

const shop: Workshop = { env: process.env, say: (line) => process.stderr.write(`${line}\n`) }
// Fetched before the first test is there: the tests are over, and the folder gone, when none is left that is known of.
const found = await pythonWithPackages(shop)
const runtime = await java(shop)
const folder = mkdtempSync(join(tmpdir(), 'neupr-docs-'))
// The snippets import packages by name.
symlinkSync(join(packageRoot, 'node_modules'), join(folder, 'node_modules'))
let kafka: Onlooker
let topic: string
before(async () => {
  kafka = await onlooker()
  topic = await kafka.topic(1, { 'cleanup.policy': 'compact' })
  await kafka.send(topic, records({ form: 'json' }).map(sendable))
})
after(async () => {
  await kafka.close()
  rmSync(folder, { recursive: true })
})

function list(user: string, modelVersion: number, items: readonly string[]): TopList {
  return {
    user,
    items: items.map((item) => ({ item, score: 0.5 })),
    modelVersion,
    generatedAt: 1_767_225_600_100,
    newestEvent: 1_767_225_600_000,
    position: { stream: 'interactions/0', offset: modelVersion },
    source: 'PERSONAL',
    beatsNext: items.map(() => 0.5),
  }
}

/** Each record with what a reader has for its user afterwards. */
const story: readonly (readonly [TopList | string, readonly string[]])[] = [
  [list('ann', 100_000_000_001, ['i1', 'i2']), ['i1', 'i2']],
  [list('bob', 100_000_000_002, ['i3']), ['i3']],
  [list('ann', 100_000_000_007, ['i4', 'i5']), ['i4', 'i5']],
  // A worker that was replaced wrote this one late.
  [list('ann', 100_000_000_003, ['i6']), ['i4', 'i5']],
  ['bob', []],
  [list('ann', 100_000_000_007, ['i4', 'i5']), ['i4', 'i5']],
  [list('bob', 200_000_000_001, ['ü8']), ['ü8']],
  [list('cleo', 200_000_000_002, ['i7']), ['i7']],
]

function records(form: ListForm): OutRecord[] {
  const encode = createListEncoder(form)
  return story.map(([one]) => (typeof one === 'string' ? encodeForgotten(one) : encode(one)))
}

function sendable({ key, value }: OutRecord) {
  return { key, value: value === null ? null : Buffer.from(value) }
}

/** Runs a consumer until it has printed a line for each record, and returns user and items of each. */
async function consume(command: string, args: readonly string[], env = process.env) {
  const child = spawn(command, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
  try {
    return await linesOf(child, story.length)
  } finally {
    child.kill('SIGKILL')
  }
}

async function linesOf(child: ChildProcess, count: number): Promise<string[][]> {
  let errors = ''
  let text = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    errors += chunk.toString()
  })
  for await (const chunk of child.stdout ?? []) {
    text += String(chunk)
    // Only what says a list: libraries may print lines of their own.
    const said = text
      .split('\n')
      .slice(0, -1)
      .filter((line) => /^(ann|bob|cleo) /.test(line))
    if (said.length >= count) return said.map((line) => line.match(/[\p{L}\d]+/gu) ?? [])
  }
  throw new Error(`the consumer ended:\n${text}${errors}`)
}

/** What the snippets print where a user has no list. */
const none = ['undefined']
const expected = story.map(([one, items]) => [typeof one === 'string' ? one : one.user, ...items])
const real = () => ({ 'localhost:9092': given('KAFKA_BROKERS'), recommendations: topic })

test('TypeScript: the newest list of each user, and nobody who was forgotten', async () => {
  const file = join(folder, 'lists.mjs')
  writeFileSync(file, withReal(snippet('typescript'), { ...real(), "'shop'": "'shop-ts'" }))
  const said = await consume(process.execPath, [file])
  assert.deepEqual(
    said,
    expected.map(([user = '', ...items]) => [user, ...(items.length === 0 ? none : items)]),
  )
})

/** What is known of the Python snippets where they cannot run. */
const withoutPython =
  found.skip !== false &&
  `${found.skip}; what is proven without it: the TypeScript above reads the same records, and the worker's own ` +
    'decoder reads both forms of Avro (test/publish/encode.test.ts)'

test('Python: the same, and Avro in both forms', { skip: withoutPython }, async () => {
  assert.ok(found.skip === false)
  const { python } = found
  const file = join(folder, 'lists.py')
  writeFileSync(file, withReal(snippet('python'), { ...real(), '"shop"': '"shop-py"' }))
  assert.deepEqual(await consume('python3', [file], python.env), expected)

  const code = withReal(snippet('python-avro'), { 'schemas/': `${join(packageRoot, 'schemas')}/` })
  const forms: readonly ListForm[] = [{ form: 'avro' }, { form: 'confluent', schemaId: 7 }]
  const values = forms.map((form) => Buffer.from(records(form)[0]?.value ?? []).toString('hex'))
  const print = values.map((hex) => `print(decode(bytes.fromhex("${hex}"))["items"][1]["item"])`)
  writeFileSync(join(folder, 'avro.py'), [code, ...print, ''].join('\n'))
  assert.equal(await python.run('avro.py', folder), 'i2\ni2\n')
})

const compiler = join(runtime.home, 'bin', 'javac')
const skip = existsSync(compiler)
  ? false
  : `the Java at ${runtime.home} has no compiler: install a JDK`

test('Java: the same', { skip }, async () => {
  const libraries = join(await kafkaLibraries(shop, kafkaVersionOf(process.env)), '*')
  const file = join(folder, 'Lists.java')
  writeFileSync(file, withReal(snippet('java'), { ...real(), '"shop"': '"shop-java"' }))
  const classes = ['-cp', `${libraries}:${folder}`]
  const compiled = spawnSync(compiler, [...classes, '-d', folder, file], { encoding: 'utf8' })
  assert.equal(compiled.status, 0, compiled.stderr)
  assert.deepEqual(await consume(runtime.command, [...classes, 'Lists']), expected)
})
