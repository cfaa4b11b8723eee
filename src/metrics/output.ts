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
      'Requests for a list that got none, by reason',
      'reason',
      ['not_ready', 'busy', 'invalid', 'unknown'],
    ),
    listsPublished: make.counts(
      'neupr_lists_published_total',
      'Lists safe at the sink, by where they come from',
      'source',
      ['PERSONAL', 'POPULAR'],
    ),
    listsEverybody: make.count(
      'neupr_lists_everybody_total',
      'Lists under --everybody-key written',
    ),
    listsForgotten: make.count(
      'neupr_lists_forgotten_total',
      'Null records that tell readers a user was forgotten',
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
      'Share of a list that the list of another user of the sample holds too; 1: the same for everyone',
    ),
    spreadUsers: make.level('neupr_lists_sampled_users', 'Users in the sample of recent lists'),
    gatePaused: make.level('neupr_gate_paused', '1 while the gate has paused publishing, else 0'),
    gateHolds: make.counts(
      'neupr_gate_holds_total',
      'Times the gate began to hold publishing, by reason',
      'reason',
      gateReasons,
    ),
    gateRollbacks: make.counts(
      'neupr_gate_rollbacks_total',
      'Times the gate put the model back to the last good checkpoint, by reason',
      'reason',
      gateReasons,
    ),
  }
}
