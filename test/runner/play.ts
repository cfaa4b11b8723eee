// Runs the parts of a plan, each in a process of its own, and reports them together: the tests of a part at a time, the
// totals once.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { finished } from 'node:stream/promises'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { pathToFileURL } from 'node:url'
import { type Part, tests } from './plan.ts'
import { type Cost, readCosts } from './processor-time.ts'

/** For a process of tests of one file, and of several: a hang fails, it does not stand still. */
const msMax = { oneFile: 300_000, moreFiles: 900_000 }

/** A priority with which a process gets a third of what others get that need the processor, so that it goes on. */
const givingWay = 5

/**
 * How many bytes of bytecode V8 runs of a function before it optimizes it; by itself it waits for 135,168. Most of
 * these processes end before that has paid, and they are more than there are cores.
 */
const bytesBeforeOptimizing = 600_000

export interface Player {
  /** Whether all of them pass. */
  play(parts: readonly Part[], how: How): Promise<boolean>
  /** Says the totals. */
  end(): Promise<readonly Cost[]>
}

export interface How {
  readonly atOnce: number
  /** The processes take what time of the processor others leave. */
  readonly givesWay: boolean
}

/** What is read of an event of the test runner. */
interface TestEvent {
  readonly type: string
  readonly data: { readonly nesting: number; readonly message?: string }
}

export function createPlayer(out: NodeJS.WritableStream, signal: AbortSignal): Player {
  const report = new spec()
  report.pipe(out, { end: false })
  const folder = mkdtempSync(join(tmpdir(), 'neupr-tests-'))
  const costsFile = join(folder, 'costs.ndjson')
  /** What Node says at the end of each part: tests, passed, failed and so on. */
  const totals = new Map<string, number>()
  let entries = 0

  /** The file that the process runs. */
  function entryOf(part: Part, givesWay: boolean): string {
    // Its name is all that is told of a process that ends before its first test.
    const first = relative(tests, part.files[0] ?? '').replace(/[\\/]/g, '-')
    const path = join(folder, `${entries++}-${first.replace(/\.js$/, '.mjs')}`)
    writeFileSync(path, entryText(part, costsFile, givesWay))
    return path
  }

  function isTotal({ type, data }: TestEvent): boolean {
    const [, name, count] = /^(\w+) ([\d.]+)$/.exec(data.message ?? '') ?? []
    if (type !== 'test:diagnostic' || data.nesting > 0 || name === undefined) return false
    const [known, more] = [totals.get(name) ?? 0, Number(count)]
    totals.set(name, name === 'duration_ms' ? Math.max(known, more) : known + more)
    return true
  }

  return {
    async play(parts, { atOnce, givesWay }) {
      if (parts.length === 0) return true
      let passed = true
      // Told a whole test at a time, because another call tells its own meanwhile.
      let untold: TestEvent[] = []
      const tell = (): void => {
        for (const one of untold) report.write(one)
        untold = []
      }
      const files = parts.map((part) => entryOf(part, givesWay))
      const isShared = parts.some((part) => part.files.length > 1)
      const timeout = isShared ? msMax.moreFiles : msMax.oneFile
      const options = { files, concurrency: atOnce, timeout, signal }
      for await (const event of run(options) as AsyncIterable<TestEvent>) {
        if (isTotal(event)) continue
        untold.push(event)
        if (event.type === 'test:fail') passed = false
        if (event.data.nesting === 0 && /^test:(pass|fail)$/.test(event.type)) tell()
      }
      tell()
      return passed
    },
    async end() {
      for (const [name, total] of totals) {
        report.write({ type: 'test:diagnostic', data: { nesting: 0, message: `${name} ${total}` } })
      }
      report.end()
      await finished(report)
      const costs = readCosts(costsFile)
      rmSync(folder, { recursive: true })
      return costs
    },
  }
}

/** Where files share a process, the tests of each are a suite with its name. */
function entryText({ name, files }: Part, costsFile: string, givesWay: boolean): string {
  const text = (value: string): string => JSON.stringify(value)
  const url = (path: string): string => text(pathToFileURL(path).href)
  const imported = files.map((path) =>
    files.length === 1
      ? `await import(${url(path)})`
      : `describe(${text(relative(tests, path))}, () => import(${url(path)}))`,
  )
  return [
    "import { setPriority } from 'node:os'",
    "import { describe } from 'node:test'",
    "import { setFlagsFromString } from 'node:v8'",
    `import { writeCostAtExit } from ${url(join(tests, 'runner', 'processor-time.js'))}`,
    `writeCostAtExit(${text(costsFile)}, ${text(name)})`,
    `setFlagsFromString('--interrupt-budget=${bytesBeforeOptimizing}')`,
    ...(givesWay ? [`setPriority(${givingWay})`] : []),
    ...imported,
    '',
  ].join('\n')
}
