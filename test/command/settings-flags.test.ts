// Settings as flags: every row has one, flag goes before environment before file, and all faults are told at once.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { after, test } from 'node:test'
import { Command } from 'commander'
import { configCommand, settingsPage } from '../../src/command/config.ts'
import { addSettings, settingsOf } from '../../src/command/settings-flags.ts'
import { settingsRead } from '../../src/command/settings-read.ts'
import type { Config } from '../../src/config.ts'
import type { Io } from '../../src/io.ts'
import { settings } from '../../src/settings/all.ts'
import { flagOf } from '../../src/settings/setting.ts'

const folder = mkdtempSync(join(tmpdir(), 'settings-'))
after(() => rmSync(folder, { recursive: true }))

function ioOf(env: Readonly<Record<string, string>>): Io {
  return {
    ...{ env, stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() },
    ...{ nowMs: () => 0, elapsedMs: () => 0, processorMs: () => 0, pause: async () => undefined },
    stop: new AbortController().signal,
  }
}

/** The settings that a command gets from these arguments. */
async function parsed(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Config> {
  let config: Config | undefined
  const command = addSettings(new Command('run'), settingsRead.run).action(
    (flags: Record<string, unknown>) => {
      config = settingsOf(flags, ioOf(env), { seed: 5 })
    },
  )
  await command.parseAsync(args, { from: 'user' })
  return config!
}

test('flag before environment before file before default; overrides of a command before all but flags', async () => {
  const file = join(folder, 'settings.json')
  writeFileSync(file, JSON.stringify({ k: 4, factors: 16, negatives: 2 }))
  const env = { NEUPR_K: '5', NEUPR_FACTORS: '24' }
  const config = await parsed(['--k', '6', '--settings', file], env)
  assert.equal(config.k, 6)
  assert.equal(config.factors, 24)
  assert.equal(config.negatives, 2)
  assert.equal(config.choices, settings.choices.default)
  assert.equal(config.seed, 5)
  assert.equal((await parsed(['--seed', '7'])).seed, 7)
  assert.equal((await parsed(['--deterministic'])).deterministic, true)
  assert.equal((await parsed(['--deterministic', 'false'])).deterministic, false)
})

test('everything that is wrong is told at once, wherever it came from, and nothing is secret', async () => {
  const file = join(folder, 'bad.json')
  writeFileSync(file, JSON.stringify({ choises: 4, Negatives: 2, depth: 99 }))
  const args = ['--k', '0', '--nonsense', 'x', '--batch_records_max=9', 'stray', '--settings', file]
  const env = { NEUPR_FACTORS: 'many', NEUPR_UNHEARD: '1', NEUPR_EMPTY: '' }
  await assert.rejects(parsed(args, env), (failure: Error) => {
    const told = failure.message.split('\n').map((line) => line.trim())
    assert.equal(told[0], 'settings refused:')
    for (const [pattern, why] of [
      [/^--k is "0", expected 1 … 1,000/, 'a bad flag'],
      [/^NEUPR_FACTORS is "many"/, 'a bad variable'],
      [/^unknown environment variable NEUPR_UNHEARD/, 'an unknown variable'],
      [/^depth in .*bad\.json is 99, expected 1 … 6/, 'a bad value in the file'],
      [/unknown setting choises, did you mean choices\?/, 'an unknown name in the file'],
      [/unknown setting Negatives, did you mean negatives\?/, 'a near miss in the file'],
      [/^unknown argument --nonsense: .*--help/, 'an unknown flag'],
      [
        /^unknown argument --batch_records_max=9, did you mean --batch-records-max\?/,
        'a near miss',
      ],
      [/^unknown argument stray: .*--help/, 'an argument of nothing'],
    ] as const) {
      assert.ok(
        told.some((line) => pattern.test(line)),
        `${why}: ${failure.message}`,
      )
    }
    assert.equal((failure as { exitCode?: number }).exitCode, 78)
    return true
  })
})

test('every setting has a flag, a row in the table and a line of its own in config', async () => {
  const command = addSettings(new Command('run'), settingsRead.run)
  const flags = command.options.map(({ long }) => long)
  const table = settingsPage()
  for (const name of Object.keys(settings)) {
    assert.ok(flags.includes(flagOf(name)), name)
    assert.ok(table.includes(`\`${flagOf(name)}\``), name)
  }
})

test('config prints values with where they come from, and no secret', async () => {
  const io = ioOf({ NEUPR_K: '5', REDIS_URL: 'redis://:hunter2@localhost:6379' })
  await configCommand(io).parseAsync(['--json'], { from: 'user' })
  const text = String((io.stdout as PassThrough).read())
  const rows = JSON.parse(text) as { name: string; value: unknown; origin: string }[]
  const k = rows.find(({ name }) => name === 'k')
  assert.deepEqual([k?.value, k?.origin], [5, 'environment'])
  assert.equal(rows.length, Object.keys(settings).length)
  assert.ok(!text.includes('hunter2'))
  assert.ok(text.includes('[redacted]'))
})
