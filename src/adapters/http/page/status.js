// Keeps the page up to date once a second while somebody looks at it, and answers the look-up.

import { createCharts } from './charts.js'
import { duration, element, timeToSecond } from './format.js'
import { keepingUpText, renderPanels, renderTrouble } from './panels.js'
import { renderTiles } from './tiles.js'
import { renderUser } from './user.js'

const everyMs = 1_000
const tokenKey = 'neupr-token'
const at = (id) => document.getElementById(id)

// Without JavaScript nothing of this could be filled, so it is not there either.
for (const section of document.querySelectorAll('.scripted')) section.hidden = false

const draw = createCharts(at('curves'))
let columns
let grain = -1
let state

async function ask(path) {
  const token = sessionStorage.getItem(tokenKey)
  const headers = token === null ? {} : { Authorization: `Bearer ${token}` }
  const response = await fetch(path, { headers, signal: AbortSignal.timeout(5_000) })
  at('token-form').hidden = response.status !== 401
  return response
}

async function refresh() {
  const last = columns?.time.at(-1) ?? -1
  const [told, curves] = await Promise.all([
    ask('api/state'),
    ask(`api/curves?after=${last}&grain=${grain}`),
  ])
  if (told.status === 401) return showHealth('A token is needed', 'warm')
  if (!told.ok || !curves.ok) return showHealth('The worker answers with an error', 'bad')
  state = await told.json()
  join(await curves.json())
  renderTrouble(at('trouble'), state)
  renderTiles(at('tiles'), state, columns)
  renderPanels(at('panels'), state)
  draw(columns, state)
  showState()
}

/** New points go to the end; a change of grain brings all of them anew. */
function join(curves) {
  const anew = columns === undefined || curves.grain !== grain
  grain = curves.grain
  if (anew) columns = curves.columns
  else for (const [name, values] of Object.entries(curves.columns)) columns[name].push(...values)
}

function showState() {
  const failing = state.conditions.filter(({ ok }) => !ok).map(({ name }) => name)
  if (failing.length > 0) showHealth(`Not ready: ${failing.join(', ')}`, 'bad')
  else if (state.finishedAt !== undefined) showHealth('Finished', 'good')
  else if (state.gate.paused) showHealth('Ready, publishing paused', 'warm')
  else showHealth('Ready', 'good')
  const banner = at('gate-banner')
  if (banner.hidden === state.gate.paused) {
    banner.hidden = !state.gate.paused
    banner.textContent = `Publishing is paused: ${state.gate.detail}`
  }
  const keepingUp = keepingUpText(state)
  at('keeping-up').hidden = keepingUp === ''
  at('keeping-up').textContent = keepingUp
  at('about').textContent =
    `${state.version} · ${state.model} on ${state.engine} · ${lifetime(state)}`
  at('clock').textContent = timeToSecond(state.now)
  showRecent()
}

function lifetime({ startedAt, finishedAt, now }) {
  const took = duration(((finishedAt ?? now) - startedAt) / 1000)
  return finishedAt === undefined ? `up ${took}` : `finished after ${took}`
}

function showHealth(text, tone) {
  const pill = at('health')
  // A screen reader says what changed, not the same every second.
  if (pill.textContent !== text) pill.textContent = text
  pill.dataset.tone = tone
}

/** Offered until the first look-up, and steady under the pointer: only filled when empty. */
function showRecent() {
  const host = at('recent')
  if (host.childElementCount > 0 || state.recentUsers.length === 0) return
  const users = state.recentUsers.map((user) => {
    const button = element('button', { type: 'button', class: 'link' }, user)
    button.addEventListener('click', () => void lookUp(user))
    return button
  })
  host.replaceChildren('recently served: ', ...users)
}

async function lookUp(user) {
  at('user').value = user
  const host = at('user-result')
  const say = (text) => host.replaceChildren(element('p', { class: 'quiet' }, text))
  try {
    const response = await ask(`api/user/${encodeURIComponent(user)}`)
    const answer = await response.json()
    if (response.ok) renderUser(host, answer, state?.now ?? Date.now())
    else say(response.status === 404 ? `No user ${user} is known.` : answer.error)
    history.replaceState(null, '', `#user=${encodeURIComponent(user)}`)
  } catch (error) {
    say(`The worker does not answer (${error.name}).`)
  }
}

async function run() {
  if (!document.hidden) {
    try {
      await refresh()
    } catch (error) {
      const since = state === undefined ? '' : `: what is shown is of ${timeToSecond(state.now)}`
      showHealth(`The worker does not answer (${error.name})${since}`, 'bad')
    }
  }
  setTimeout(() => void run(), everyMs)
}

at('user-form').addEventListener('submit', (event) => {
  event.preventDefault()
  void lookUp(at('user').value.trim())
})
at('token-form').addEventListener('submit', (event) => {
  event.preventDefault()
  sessionStorage.setItem(tokenKey, at('token').value)
  void refresh()
})

await run()
const [, wanted] = /^#user=(.+)$/.exec(location.hash) ?? []
if (wanted !== undefined) void lookUp(decodeURIComponent(wanted))
