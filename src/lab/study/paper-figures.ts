// The figures that the paper prints for MovieLens 1M («Neural Collaborative Ranking», CIKM 2018), as far as they are
// known here. The command `study` shows them beside its own; nothing is computed from them.

import type { ModelName } from '../offline/models.ts'

export interface PaperFigure {
  readonly source: 'Table 1' | 'Table 3'
  readonly model: ModelName
  /** null: the model has none. */
  readonly factors: number | null
  readonly hr10?: number
  readonly ndcg10?: number
}

/** The size of the paper's data after its filter: on any other its figures say nothing. */
export const paperData = { users: 6040, items: 3260 } as const

/**
 * ItemPop's NDCG and its figures in the rows of f > 8 are left out: they are of another split, since a model without
 * factors cannot have several.
 */
export const paperFigures: readonly PaperFigure[] = [
  { source: 'Table 1', model: 'itempop', factors: null, hr10: 0.4227 },
  { source: 'Table 1', model: 'bpr', factors: 64, hr10: 0.5513 },
  { source: 'Table 1', model: 'eals', factors: 64, hr10: 0.5386 },
  { source: 'Table 1', model: 'neumf', factors: 64, hr10: 0.5515 },
  { source: 'Table 1', model: 'neupr', factors: 8, hr10: 0.5661 },
  { source: 'Table 1', model: 'neupr', factors: 16, ndcg10: 0.3124 },
  { source: 'Table 1', model: 'neupr', factors: 64, hr10: 0.5801, ndcg10: 0.3158 },
  { source: 'Table 3', model: 'pretrained', factors: 8, hr10: 0.5702 },
  { source: 'Table 3', model: 'pretrained', factors: 16, ndcg10: 0.3085 },
  { source: 'Table 3', model: 'pretrained', factors: 64, hr10: 0.584, ndcg10: 0.3125 },
]

/** What the text says of a figure whose numbers are not known here. */
export const paperRemarks = {
  depth: 'Figure 6: f = 8, depth 1 is the concatenation alone; the paper takes four layers.',
  negatives: 'Figure 4: two instances of label 0 for each of label 1 are best on MovieLens.',
  alpha: 'The paper sets α = 0.5 (Table 3).',
  loss: 'The paper stops when the loss falls by less than 0.1 %, which stops a tower on its first plateau.',
} as const
