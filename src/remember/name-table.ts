// The numbers of names, however many there are. A Map of V8 has at most 2²⁴ places, and one that is taken from time and
// again needs twice as many as it has names: from half of them on there is another one.

const namesPerMap = 2 ** 23

export class NameTable {
  private readonly maps: Map<string, number>[] = [new Map()]
  private readonly most: number

  /** `most`: names in each Map. */
  constructor(most = namesPerMap) {
    this.most = most
  }

  get(name: string): number | undefined {
    const { maps } = this
    for (let m = 0; m < maps.length; m++) {
      const id = maps[m]!.get(name)
      if (id !== undefined) return id
    }
    return undefined
  }

  /** Adds a name that is not there. */
  add(name: string, id: number): void {
    const { maps, most } = this
    let free = maps.find(({ size }) => size < most)
    if (free === undefined) maps.push((free = new Map()))
    free.set(name, id)
  }

  delete(name: string): void {
    for (const map of this.maps) if (map.delete(name)) return
  }
}
