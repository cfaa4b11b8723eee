// The item feed as the settings name it: where it is read, how it is decoded, who is told.

import { registryFrom } from '../../adapters/registry/from-settings.ts'
import { createItemFeed, type ItemFeed } from '../../app/item-feed.ts'
import type { Config } from '../../config.ts'
import { createItemDecoder, type ItemDecoder } from '../../consume/items/decode-items.ts'
import { parseMapping } from '../../consume/mapping/spec/spec.ts'
import { Failure } from '../../errors.ts'
import type { Io } from '../../io.ts'
import type { ItemSource } from '../../ports/event-source.ts'
import type { Logger } from '../../ports/logger.ts'
import type { Trainer } from '../../ports/trainer.ts'
import type { Setup } from '../examine.ts'
import { placeOf } from '../open.ts'

/** undefined: there is none, and every item may be listed. @throws Failure SETTINGS_INVALID */
export async function openItemFeed(
  { options, monitor, retrying, keep }: Setup,
  trainer: Pick<Trainer, 'items'>,
): Promise<ItemFeed | undefined> {
  const { config, io, logger, stopAtEnd } = options
  if (config.items === '') return undefined
  const decoder = openItemDecoder(config)
  const source = keep(await openItemSource(config, io, logger, stopAtEnd || config.deterministic))
  return createItemFeed({ source, decoder, trainer, retrying, logger, onItems: monitor.onItems })
}

async function openItemSource(
  config: Config,
  io: Io,
  logger: Logger,
  stopAtEnd: boolean,
): Promise<ItemSource> {
  const { scheme, name } = placeOf('items', config.items)
  if (scheme === 'kafka') {
    const { openTopicItems } = await import('../open-topics.ts')
    return openTopicItems(name, config, logger, stopAtEnd)
  }
  const { createFileItemSource } = await import('../../adapters/file/item-source.ts')
  const { recordBytesMax, batchRecordsMax } = config
  return createFileItemSource({
    ...{ path: name, recordBytesMax, batchRecordsMax, stopAtEnd },
    sleep: (ms, signal) => io.pause(ms, signal).catch(() => undefined),
  })
}

function openItemDecoder(config: Config): ItemDecoder {
  const { itemColumns: columns, idBytesMax, recordBytesMax } = config
  const { times } = parseMapping(config)
  const common = { columns, idBytesMax, recordBytesMax, times }
  if (placeOf('items', config.items).scheme === 'file') {
    return createItemDecoder({ ...common, form: 'json' })
  }
  const registry = registryFrom(config)
  const form = config.itemForm === 'auto' ? (registry ? 'confluent' : 'avro') : config.itemForm
  if (form !== 'confluent') return createItemDecoder({ ...common, form })
  if (registry === undefined) {
    throw new Failure(
      'SETTINGS_INVALID',
      '--item-form confluent needs a registry: set SCHEMA_REGISTRY_URL',
    )
  }
  return createItemDecoder({ ...common, form, schemaById: (id) => registry.schemaById(id) })
}
