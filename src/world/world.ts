// A seeded synthetic world: people, a catalogue and what happens between them, with the truth known.
// For demos, tests and benchmarks. It models no real service, and it knows nothing of the learner.
//
// THE MODEL. Every item i belongs to one topic z(i), has a place v_i ~ N(0, I/d), a lasting appeal
// r^-s (r its random rank: popularity is skewed) and a birth b_i; appeal at time t, with novelty:
//     a_i(t) = r_i^-s · (1 + novelty · 2^(-(t - b_i)/noveltyDays)) once born, 0 before.
// A person u has interests l_u (one number per topic) and a taste θ_u (d numbers). Topics come and go
// for everyone at once (waves), so u turns to topic z with chance
//     π_u(z,t) ∝ exp(focus · l_uz + wave · sin(2π·t/period_z + φ_z)).
// People act in visits. Each next event stays in the visit with chance `stay` (the gap is then
// exponential, minutes) or begins a new one (a gap of hours or days, by the person's own rate): a new
// topic is drawn from π_u, the memory m_u of the visit is emptied, and right after the first event
// l_u and θ_u take one step of drift,
//     x ← √(1-drift²)·x + drift·ξ,   ξ ~ N(0,1).
// Within topic z the item is drawn among those born that u has neither taken nor undone:
//     P(i | u,z,t) ∝ a_i(t) · exp(taste · θ_u·v_i + closeness · m_u·v_i),   then m_u ← (m_u + v_i)/2,
// so the next item depends on the last few. With chance `undo` an event takes back the person's latest
// item instead. People arrive over the first part of the time and do not leave.
//
// WHAT CAN BE LEARNED. Shared tastes and places (by factor models), visits to one topic (by co-occurrence
// and recency), novelty and waves (by decayed counts). The chances are a mixture over topics, so no single
// dot product gives them; gaps are exactly exponential and all tastes drift at one speed, which is easier
// than real behaviour. A good result here shows that a learner works, not that it is better elsewhere.

import { createRandom } from '../sample/random.ts'
import type { Interaction } from '../types.ts'
import { createAgenda } from './agenda.ts'
import { createCatalogue } from './catalogue.ts'
import { createChoice } from './choice.ts'
import { checkOptions, defaultWorld, names, type WorldOptions } from './options.ts'
import { createPeople, type People } from './people.ts'

const msPerDay = 86_400_000

/** A world, in its state just after the newest event that interactions() has yielded. */
export interface World {
  readonly options: WorldOptions
  readonly users: readonly string[]
  readonly items: readonly string[]
  /**
   * The events in order of event time, `options.events` of them. Memory does not grow with their number.
   * There is one sequence of events: a second call goes on where the first has stopped.
   */
  interactions(): IterableIterator<Interaction>
  /**
   * The k items the user will most probably take next, best first, among those born, not taken and
   * not undone, without those that `exclude` names. RangeError for an unknown user.
   */
  trueTop(user: string, k: number, exclude?: (item: string) => boolean): string[]
  /** The true chance that the user's next new item is one of these (each counted once). */
  chance(user: string, items: readonly string[]): number
}

/** The same options give the same events, in every process. */
export function createWorld(given: Partial<WorldOptions> = {}): World {
  const options: WorldOptions = { ...defaultWorld, ...given }
  checkOptions(options)
  const catalogue = createCatalogue(options, createRandom(options.seed, 'world.catalogue'))
  const people = createPeople(options, createRandom(options.seed, 'world.people'))
  const choice = createChoice(options, catalogue, people)
  const users = names('u', options.users)
  const items = names('i', options.items)
  const numberOf = new Map(users.map((name, number) => [name, number]))
  const itemNumberOf = new Map(items.map((name, number) => [name, number]))
  const course = createCourse(options, people, choice)

  /** Whose chances `chances` holds, until the next event. */
  let asked = ''
  let chances: Float64Array = new Float64Array(0)

  function chancesOf(user: string): Float64Array {
    if (user === asked) return chances
    const u = numberOf.get(user)
    if (u === undefined) throw new RangeError(`the world has no user ${user}`)
    chances = choice.chances(u, course.nowDays(), course.stayingNow(u))
    asked = user
    return chances
  }

  return {
    options,
    users,
    items,
    *interactions() {
      for (let event = course.next(); event !== undefined; event = course.next()) {
        asked = ''
        yield {
          user: users[event.user]!,
          item: items[event.item]!,
          timestamp: options.startMs + Math.floor(course.nowDays() * msPerDay),
          action: event.undone ? 'REMOVE' : 'ADD',
        }
      }
    },
    trueTop(user, k, exclude = () => false) {
      const chances = chancesOf(user)
      // The best first, of equal ones the lower number: to sort all items would take most of the time.
      const top: number[] = []
      for (const [i, item] of items.entries()) {
        const chance = chances[i]!
        const isBetter = top.length < k || chance > chances[top[k - 1]!]!
        if (!(chance > 0) || !isBetter || exclude(item)) continue
        let at = top.length
        while (at > 0 && chances[top[at - 1]!]! < chance) at--
        top.splice(at, 0, i)
        if (top.length > k) top.pop()
      }
      return top.map((i) => items[i]!)
    },
    chance(user, some) {
      const chances = chancesOf(user)
      let sum = 0
      for (const item of new Set(some)) sum += chances[itemNumberOf.get(item) ?? -1] ?? 0
      return sum
    },
  }
}

interface Course {
  /** The next event, undefined after the last. The state of the world is then the one after the event. */
  next(): { user: number; item: number; undone: boolean } | undefined
  nowDays(): number
  /** The chance that the user's next event belongs to the present visit, given the time since the newest event. */
  stayingNow(user: number): number
}

/** Who acts when, and what that changes. */
function createCourse(
  options: WorldOptions,
  people: People,
  choice: ReturnType<typeof createChoice>,
): Course {
  const random = createRandom(options.seed, 'world.course')
  const agenda = createAgenda(people.arrivalDays)
  const staying = new Uint8Array(options.users)
  let made = 0
  let now = 0

  function schedule(u: number): void {
    const stays = random.unit() < options.stay
    staying[u] = stays ? 1 : 0
    const mean = stays ? options.visitGapMinutes / 1440 : people.visitEveryDays[u]!
    agenda.postpone(now - mean * Math.log(1 - random.unit()))
  }

  return {
    nowDays: () => now,
    next() {
      while (made < options.events) {
        const u = agenda.first()
        now = agenda.firstTime()
        const latest = people.latest[u]!
        const undone = latest >= 0 && random.unit() < options.undo
        const item = undone ? latest : choice.take(u, now, staying[u] === 1, random)
        if (undone) people.latest[u] = -1
        schedule(u)
        // A person who has taken every item waits for new ones.
        if (item < 0) continue
        people.lastDays[u] = now
        made++
        return { user: u, item, undone }
      }
      return undefined
    },
    stayingNow(u) {
      // Bayes: the longer nothing has happened, the less likely is a short gap.
      const quiet = now - people.lastDays[u]!
      const visit = options.visitGapMinutes / 1440
      const stays = options.stay * Math.exp(-quiet / visit)
      const leaves = (1 - options.stay) * Math.exp(-quiet / people.visitEveryDays[u]!)
      return stays / (stays + leaves)
    },
  }
}
