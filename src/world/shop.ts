// A seeded made-up shop: people look at things, put some into their carts and buy few, while stock comes and goes. It
// has the catalogue and the people of world.ts, and differs in what they do:
//
// A visit is a walk of views within a topic. The next view is, with chance `wander`, of an item that appeals to
// anybody, P(i) ∝ a_i(t), else of one that suits the person as in world.ts: views are noisy interest. What follows a
// view depends on taste alone, intent = σ(eagerness · θ_u·v_i - reluctance): with chance cartShare · intent the item
// goes into the cart within a minute, and from there with chance `checkout` it is bought; with chance
// directShare · intent it is bought without one. With chance `till` the person buys something else instead of looking,
// at the till of a shop in the street: drawn as a view that suits them, with `sharpness` times the taste, and never
// seen to be looked at. Nobody buys an item twice; a purchase is sent back with chance `undo`, as the next thing.
//
// Each item is in stock for `stockDays` on average and then out of it for `outDays`, both exponential. What is out of
// stock is neither looked at nor bought; a cart may wait in vain.

import { createRandom } from '../sample/random.ts'
import { createAgenda } from './agenda.ts'
import { createCatalogue } from './catalogue.ts'
import { checkOptions, defaultShop, names, type ShopOptions } from './options.ts'
import { createPeople } from './people.ts'
import { createViews } from './shop-views.ts'

const msPerDay = 86_400_000
const minute = 1 / 1440

export type ShopAction = 'view' | 'cart' | 'purchase' | 'return'

export interface ShopEvent {
  readonly user: string
  readonly item: string
  readonly timestamp: number
  readonly action: ShopAction
}

export interface StockChange {
  readonly item: string
  readonly timestamp: number
  readonly available: boolean
}

/** The records in order of time: as many events as the options say, and the changes of stock between them. */
export function* shopRecords(
  given: Partial<ShopOptions> = {},
): IterableIterator<ShopEvent | StockChange> {
  const options: ShopOptions = { ...defaultShop, ...given }
  checkOptions(options)
  const [users, items] = [names('u', options.users), names('i', options.items)]
  const atMs = (days: number): number => options.startMs + Math.floor(days * msPerDay)
  const stock = createStock(options)
  const course = createCourse(options, stock.has)
  for (let made = 0; made < options.events; ) {
    for (const { item, at, available } of stock.upTo(course.nextAt())) {
      yield { item: items[item]!, timestamp: atMs(at), available }
    }
    const event = course.next()
    if (event === undefined) continue
    made++
    const { user, item, at, action } = event
    yield { user: users[user]!, item: items[item]!, timestamp: atMs(at), action }
  }
}

export function isStockChange(record: ShopEvent | StockChange): record is StockChange {
  return 'available' in record
}

function createStock(options: ShopOptions) {
  const random = createRandom(options.seed, 'shop.stock')
  const { stockDays, outDays, items } = options
  const isOut = Uint8Array.from({ length: items }, () =>
    random.unit() < outDays / (stockDays + outDays) ? 1 : 0,
  )
  const wait = (item: number): number =>
    -(isOut[item] === 1 ? outDays : stockDays) * Math.log(1 - random.unit())
  const agenda = createAgenda(Float64Array.from({ length: items }, (_, item) => wait(item)))
  let isTold = false

  return {
    has: (item: number): boolean => isOut[item] === 0,
    /** What is out of stock at the beginning, then every change until `days`. */
    *upTo(days: number) {
      if (!isTold) {
        isTold = true
        for (const [item, out] of isOut.entries()) {
          if (out === 1) yield { item, at: 0, available: false }
        }
      }
      for (; agenda.firstTime() <= days; ) {
        const [item, at] = [agenda.first(), agenda.firstTime()]
        isOut[item] = 1 - isOut[item]!
        yield { item, at, available: isOut[item] === 0 }
        agenda.postpone(at + wait(item))
      }
    },
  }
}

interface Done {
  readonly user: number
  readonly item: number
  readonly action: ShopAction
  /** Days. */
  readonly at: number
}

/** Who acts when: what a person is about to do with an item, or else the next view. */
function createCourse(options: ShopOptions, inStock: (item: number) => boolean) {
  const random = createRandom(options.seed, 'shop.course')
  const catalogue = createCatalogue(options, createRandom(options.seed, 'world.catalogue'))
  const people = createPeople(options, createRandom(options.seed, 'world.people'))
  const agenda = createAgenda(people.arrivalDays)
  const views = createViews(options, catalogue, people, inStock, random)
  const intents = new Map<number, { readonly item: number; readonly action: ShopAction }>()
  const staying = new Uint8Array(options.users)

  function schedule(user: number, at: number): void {
    const isBusy = intents.has(user)
    const stays = isBusy || random.unit() < options.stay
    staying[user] = stays ? 1 : 0
    const usual = stays ? options.visitGapMinutes * minute : people.visitEveryDays[user]!
    agenda.postpone(at - (isBusy ? minute / 2 : usual) * Math.log(1 - random.unit()))
  }

  /** What the person means to do with an item just looked at. */
  function intend(user: number, item: number): void {
    const intent =
      1 / (1 + Math.exp(options.reluctance - options.eagerness * views.liking(user, item)))
    const luck = random.unit()
    if (people.isClosed(user, item)) return
    if (luck < options.cartShare * intent) intents.set(user, { item, action: 'cart' })
    else if (luck < (options.cartShare + options.directShare) * intent) {
      intents.set(user, { item, action: 'purchase' })
    }
  }

  function act(user: number, item: number, action: ShopAction): boolean {
    if (action === 'cart' && random.unit() < options.checkout) {
      intents.set(user, { item, action: 'purchase' })
    }
    if (action !== 'purchase') return true
    if (!inStock(item) || people.isClosed(user, item)) return false
    people.close(user, item, catalogue.topicOf[item]!)
    if (random.unit() < options.undo) intents.set(user, { item, action: 'return' })
    return true
  }

  return {
    nextAt: agenda.firstTime,
    /** undefined: the person did nothing after all. */
    next(): Done | undefined {
      const [user, at] = [agenda.first(), agenda.firstTime()]
      const intent = intents.get(user)
      intents.delete(user)
      let done: Omit<Done, 'user' | 'at'> | undefined
      if (intent !== undefined) done = act(user, intent.item, intent.action) ? intent : undefined
      else {
        const isAtTill = random.unit() < options.till
        const item = views.next(user, at, staying[user] === 1, isAtTill)
        if (item >= 0 && isAtTill) {
          done = act(user, item, 'purchase') ? { item, action: 'purchase' } : undefined
        } else if (item >= 0) {
          done = { item, action: 'view' }
          intend(user, item)
        }
      }
      schedule(user, at)
      return done && { ...done, user, at }
    },
  }
}
