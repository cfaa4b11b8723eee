// The figures that the paper prints («Neural Collaborative Ranking», CIKM 2018), as far as they are known here: not all
// are, and its curves have no numbers. The command `study` shows them beside its own; nothing is computed from them.

import type { ModelName } from '../offline/models.ts'

/** MovieLens 1M, and the paper's edition of Amazon Digital Music. */
export type PaperData = 'movielens' | 'music'

export interface PaperFigure {
  readonly data: PaperData
  readonly source: 'Table 1' | 'Table 3'
  readonly model: ModelName
  /** null: the model has none. */
  readonly factors: number | null
  readonly hr10?: number
  readonly ndcg10?: number
}

/** The paper's data after its filter: on any other its figures say nothing. */
export const paperData = {
  movielens: { users: 6040, items: 3260, events: 998_539 },
  music: { users: 5729, items: 9267, events: 65_344 },
} as const

/**
 * ItemPop's NDCG and its figures in the rows of f > 8 are left out: they are of another split, since a model without
 * factors cannot have several.
 */
export const paperFigures: readonly PaperFigure[] = [
  { data: 'movielens', source: 'Table 1', model: 'itempop', factors: null, hr10: 0.4227 },
  { data: 'movielens', source: 'Table 1', model: 'bpr', factors: 64, hr10: 0.5513 },
  { data: 'movielens', source: 'Table 1', model: 'eals', factors: 64, hr10: 0.5386 },
  { data: 'movielens', source: 'Table 1', model: 'neumf', factors: 64, hr10: 0.5515 },
  { data: 'movielens', source: 'Table 1', model: 'neupr', factors: 8, hr10: 0.5661 },
  { data: 'movielens', source: 'Table 1', model: 'neupr', factors: 16, ndcg10: 0.3124 },
  {
    data: 'movielens',
    source: 'Table 1',
    model: 'neupr',
    factors: 64,
    hr10: 0.5801,
    ndcg10: 0.3158,
  },
  { data: 'movielens', source: 'Table 3', model: 'pretrained', factors: 8, hr10: 0.5702 },
  { data: 'movielens', source: 'Table 3', model: 'pretrained', factors: 16, ndcg10: 0.3085 },
  {
    data: 'movielens',
    source: 'Table 3',
    model: 'pretrained',
    factors: 64,
    hr10: 0.584,
    ndcg10: 0.3125,
  },
  { data: 'music', source: 'Table 1', model: 'neupr', factors: 8, hr10: 0.3645 },
  { data: 'music', source: 'Table 1', model: 'neupr', factors: 64, hr10: 0.3826 },
  { data: 'music', source: 'Table 1', model: 'nbpr', factors: 64, ndcg10: 0.2291 },
  { data: 'music', source: 'Table 3', model: 'pretrained', factors: 8, hr10: 0.4083 },
  { data: 'music', source: 'Table 3', model: 'pretrained', factors: 64, hr10: 0.4125 },
]

/** What the text says of a figure whose numbers are not known here. */
export const paperRemarks = {
  depth: 'Figure 6: f = 8, depth 1 is the concatenation alone; the paper takes four layers.',
  topK: 'Figure 3: lists of 1 … 10; the paper shows curves and no numbers.',
  negatives:
    'Figure 4: two instances of label 0 for each of label 1 are best on MovieLens, five for DNCR on Digital Music.',
  alpha: 'The paper sets α = 0.5 (Table 3).',
  loss: 'The paper stops when the loss falls by less than 0.1 %, which stops a tower on its first plateau.',
} as const
