// What leaves the worker: lists, what was asked for and answered, and what the gate did about it.

import { gateReasons } from '../types.ts'
import type { Instruments } from './instruments.ts'

export function outputMetrics(make: Instruments) {
  return {
    apiSeconds: make.requests(
      'neupr_api_request_seconds',
      'Seconds until the answer to a request for a list',
      ['list', 'rank', 'similar', 'popular', 'explain'],
    ),
    apiRefused: make.counts(
      'neupr_api_refused_total',
      'Requests for a list that were refused, by reason',
      'reason',
      ['not_ready', 'busy', 'invalid', 'unknown'],
    ),
    listsPublished: make.counts(
      'neupr_lists_published_total',
      'Lists written to the sink, by source',
      'source',
      ['PERSONAL', 'POPULAR'],
    ),
    listsEverybody: make.count(
      'neupr_lists_everybody_total',
      'Lists written under --everybody-key',
    ),
    listsForgotten: make.count(
      'neupr_lists_forgotten_total',
      'Null values written to tell readers that a user was forgotten',
    ),
    listAgeSeconds: make.levels(
      'neupr_list_age_seconds',
      'Seconds since the newest list of a user was made, over a sample of recent users',
      'of',
      ['median', 'oldest'],
    ),
    coverage: make.level(
      'neupr_lists_coverage_ratio',
      'Share of the catalogue that is in at least one list of the sample',
    ),
    overlap: make.level(
      'neupr_lists_overlap_ratio',
      'Share of a list that is also in the list of another user of the sample; 1: everyone has the same list',
    ),
    spreadUsers: make.level('neupr_lists_sampled_users', 'Users in the sample of recent lists'),
    gatePaused: make.level('neupr_gate_paused', '1 while the gate has paused publishing, else 0'),
    gateHolds: make.counts(
      'neupr_gate_holds_total',
      'Times the gate paused publishing, by reason',
      'reason',
      gateReasons,
    ),
    gateRollbacks: make.counts(
      'neupr_gate_rollbacks_total',
      'Times the gate rolled the model back to the last good checkpoint, by reason',
      'reason',
      gateReasons,
    ),
  }
}
