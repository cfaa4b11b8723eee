// Words that only this project would understand stay out of its code and its pages: one word, one meaning, the field's.

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { packageRoot } from './servers/versions.ts'

/** What was once said here, and what the field says. Whole words, in any case. */
const plainer: Readonly<Record<string, string>> = {
  'tenures?': 'assignment',
  doubted: 'usersWithUncertainRemovals',
  unplaced: 'overCapacity',
  booksBatch: 'countsOnlyBatch',
  silentBatch: 'snapshotBatch',
  createAlone: 'singleNetworkModel',
  createBestOf: 'recommender',
  'take-?over': 'rebalance',
  'hand-?over': 'batch queue',
  apart_items: 'withheld items',
  readApart: 'withheld items',
  'breath(e|ed|es|ing)?': 'yieldToEventLoop',
  'excused?': 'markAllAlive',
  bells: 'signal',
  mustEnd: 'exitAfterGrace',
  couples: 'mirrored pairs',
  'crews?': 'threads',
  'strands?': 'shard',
  meaned: 'averaged',
  'farewells?': 'null value, forgotten user',
}
/** Names that others rely on: metrics keep theirs. */
const keptNames = /\bneupr_[a-z_]+\b/g
const own = 'test/dialect.test.ts'
const places = ['src', 'test', 'docs', 'deploy']
const pages = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md']

const texts = [...places.flatMap(textFiles), ...pages].filter((path) => path !== own)

test('no word of a private dialect in code, comments or pages', () => {
  const faults: string[] = []
  for (const path of texts) {
    const text = readFileSync(join(packageRoot, path), 'utf8').replaceAll(keptNames, '')
    for (const [word, better] of Object.entries(plainer)) {
      const found = new RegExp(`\\b(${word})\\b`, 'i').exec(text)
      if (found !== null) faults.push(`${path}: «${found[0]}», say: ${better}`)
    }
  }
  assert.deepEqual(faults, [])
  assert.ok(texts.length > 500, `${texts.length} files were read`)
})

function textFiles(folder: string): string[] {
  return readdirSync(join(packageRoot, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|md|js|yaml|html|css)$/.test(name))
    .map((name) => `${folder}/${name}`)
    .sort()
}
