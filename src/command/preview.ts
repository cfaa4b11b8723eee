// `neupr-worker preview SOURCE`: what a file or a topic holds and how it would be read, before anything runs on it.

import { Command } from 'commander'
import { shapes } from '../consume/mapping/spec/shapes.ts'
import { Failure } from '../errors.ts'
import { placeOf } from '../worker/open.ts'
import { addConnectionFlags, type ConnectionFlags } from './kafka/context.ts'
import { previewFile } from './preview/of-file.ts'
import type { PreviewIo } from './preview/of-topic.ts'
import { previewTopic } from './preview/of-topic.ts'
import { previewText } from './preview/report.ts'
import { addReadingSettings, readingSettingsOf } from './reading-flags.ts'

interface Flags extends ConnectionFlags {
  readonly records: string
  readonly recordForm?: string
  readonly shapes?: boolean
  readonly json?: boolean
}

const recordsMost = 10_000_000
const unusable = 65

export function previewCommand(io: PreviewIo): Command {
  const command = new Command('preview')
    .description(
      'show what a source holds and how it would be read: format, columns and why, unit of times, five events, what ' +
        'cannot be used; nothing is learned or written. Ends with 65 where it cannot be used',
    )
    .argument('[source]', 'a file, a pattern, - for standard input, or kafka:TOPIC')
    .option('--records <n>', 'records to look at', '100000')
    .option(
      '--record-form <form>',
      'auto | avro | confluent | json: what the values of a topic are',
    )
    .option('--shapes', 'list the named shapes and end')
    .option('--json', 'print the findings as one JSON object')
  addReadingSettings(command)
  addConnectionFlags(command, ['kafkaBrokers', 'kafkaSecurity', 'registryUrl'])
  return command.action(async (source: string | undefined, flags: Flags) => {
    if (flags.shapes === true) {
      io.stdout.write(shapesText())
      return
    }
    if (source === undefined) {
      throw new Failure('SETTINGS_INVALID', 'preview what? Name a file, - or kafka:TOPIC')
    }
    await preview(source, flags, io)
  })
}

async function preview(source: string, flags: Flags, io: PreviewIo): Promise<void> {
  const { kafkaBrokers, kafkaSecurity, registryUrl, recordForm } = flags
  const given = Object.entries({ kafkaBrokers, kafkaSecurity, registryUrl, recordForm })
  const more = Object.fromEntries(given.filter(([, value]) => value !== undefined))
  const config = readingSettingsOf(flags, io, more)
  const place = /^(file|kafka):/.test(source)
    ? placeOf('source', source)
    : ({ scheme: 'file', name: source } as const)
  const look = place.scheme === 'file' ? previewFile : previewTopic
  const found = await look(place.name, config, io, recordsOf(flags.records))
  const text =
    flags.json === true ? `${JSON.stringify(found.report)}\n` : previewText(source, found)
  io.stdout.write(text)
  if (!found.isUsable) io.exit(unusable)
}

function recordsOf(text: string): number {
  const records = Number(text)
  if (Number.isSafeInteger(records) && records >= 1 && records <= recordsMost) return records
  const message = `--records is ${text}, expected a number in 1 … ${recordsMost}`
  throw new Failure('SETTINGS_INVALID', message)
}

function shapesText(): string {
  const lines = Object.entries(shapes).map(([name, { help }]) => `${name.padEnd(13)}${help}`)
  return `${lines.join('\n')}\n`
}
