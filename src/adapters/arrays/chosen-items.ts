// The items of one draw, each listed once, with their coefficients; index 0 is the positive item. The coefficients of
// an item that is the negative of several questions are summed.

export interface Chosen {
  count: number
  items: Int32Array
  alphas: Float64Array
  gammas: Float64Array
  start(positive: number): void
  indexOf(item: number): number
  add(index: number, alpha: number, gamma: number): void
}

export function createChosen(): Chosen {
  const chosen: Chosen = {
    count: 0,
    items: new Int32Array(16),
    alphas: new Float64Array(16),
    gammas: new Float64Array(16),
    start(positive) {
      chosen.count = 1
      chosen.items[0] = positive
      chosen.alphas[0] = 0
      chosen.gammas[0] = 0
    },
    indexOf(item) {
      const { items, count } = chosen
      for (let n = 0; n < count; n++) if (items[n] === item) return n
      if (count === items.length) widen(chosen)
      chosen.items[count] = item
      chosen.alphas[count] = 0
      chosen.gammas[count] = 0
      chosen.count++
      return count
    },
    add(index, alpha, gamma) {
      chosen.alphas[index] = chosen.alphas[index]! + alpha
      chosen.gammas[index] = chosen.gammas[index]! + gamma
    },
  }
  return chosen
}

function widen(chosen: Chosen): void {
  const room = chosen.items.length * 2
  const items = new Int32Array(room)
  const alphas = new Float64Array(room)
  const gammas = new Float64Array(room)
  items.set(chosen.items)
  alphas.set(chosen.alphas)
  gammas.set(chosen.gammas)
  Object.assign(chosen, { items, alphas, gammas })
}
