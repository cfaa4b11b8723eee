// What goes through the update log of a group, as this worker sees it.

import type { Instruments } from './instruments.ts'

export type UpdateMetrics = ReturnType<typeof updateMetrics>

export function updateMetrics(make: Instruments) {
  return {
    appended: make.count(
      'neupr_updates_appended_total',
      'Records that this worker has appended to the update log',
    ),
    appendedBytes: make.count(
      'neupr_updates_appended_bytes_total',
      'Bytes of the records that this worker has appended to the update log',
    ),
    read: make.count(
      'neupr_updates_read_total',
      'Records of the update log that were read, including those of this worker',
    ),
    readBytes: make.count(
      'neupr_updates_read_bytes_total',
      'Bytes of the records of the update log that were read',
    ),
    passedOver: make.counts(
      'neupr_updates_passed_over_total',
      'Records of the update log that were ignored, by reason; those of other_model in part',
      'reason',
      ['repeated', 'not_owner', 'out_of_order', 'unreadable', 'other_model'],
    ),
    unknownItems: make.count(
      'neupr_updates_unplaced_items_total',
      'Items in records of other workers for which the model had no room (--items-max)',
    ),
    behind: make.level(
      'neupr_updates_behind_records',
      'Records of the update log that this worker has not read yet',
    ),
    share: make.level(
      'neupr_updates_read_ratio',
      'Share of the update log, as long as it was at the start, that has been read; no list goes out before it is 1',
    ),
    baseTime: make.level(
      'neupr_updates_base_saved_timestamp_seconds',
      'When this worker last wrote the base that new workers of its group start from, in seconds since the epoch',
    ),
    checkpointKept: make.level(
      'neupr_updates_checkpoint_kept_records',
      'Records of the update log before the place where the newest checkpoint goes on; below 0: so many are missing',
    ),
    workers: make.level(
      'neupr_updates_workers',
      'Workers, including this one, that have appended to the update log within the last minute',
    ),
  }
}
