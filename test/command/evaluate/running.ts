// Runs the command `evaluate` on logs of a simulated world, for its tests.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { after } from 'node:test'
import { evaluateCommand } from '../../../src/command/evaluate.ts'
import { createWorld } from '../../../src/world/world.ts'
import { Captured } from '../captured.ts'

export const folder = mkdtempSync(join(tmpdir(), 'evaluate-'))

export const world = createWorld({ seed: 3, users: 150, items: 300, events: 6_000, undo: 0 })
export const events = [...world.interactions()]
export const tsv = join(folder, 'log.tsv')
export const ndjson = join(folder, 'log.ndjson')
after(() => rmSync(folder, { recursive: true }))
writeFileSync(tsv, events.map((e) => `${e.user}\t${e.item}\t${e.timestamp}\n`).join(''))
writeFileSync(ndjson, `${events.map((e) => JSON.stringify(e)).join('\n')}\nnot json\n`)

export async function evaluate(...args: string[]): Promise<{ out: string; err: string }> {
  let ms = 0
  const clock = () => (ms += 1_000)
  const outputs = { stdout: new Captured(), stderr: new Captured() }
  const io = { ...outputs, ...surroundings(), elapsedMs: clock, processorMs: clock }
  await evaluateCommand(io).exitOverride().parseAsync(args, { from: 'user' })
  return { out: io.stdout.text, err: io.stderr.text }
}

/** No settings, nothing on standard input, and the time of day. */
export function surroundings() {
  return { env: {}, stdin: Readable.from([]), nowMs: () => Date.now() }
}

export const quick = ['--epochs', '2', '--factors', '8', '--minimum', '5']
