// The only script: times in the reader's zone, and parts that change when the runner says that something did.
// Without it the page is complete in UTC, and a reload refreshes it.

const language = document.documentElement.lang
const locale = language === 'en' ? 'en-GB' : language
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone
const day = { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }
const formats = {
  at: new Intl.DateTimeFormat(locale, day),
  year: new Intl.DateTimeFormat(locale, { ...day, year: 'numeric' }),
  exact: new Intl.DateTimeFormat(locale, { ...day, second: '2-digit' }),
  clock: new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }),
}
const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'short' })

const second = 1000
const minute = 60 * second
const hour = 60 * minute

function relativeWords(ahead) {
  const size = Math.abs(ahead)
  if (size < 100 * second) return relative.format(Math.round(ahead / second), 'second')
  if (size < 100 * minute) return relative.format(Math.round(ahead / minute), 'minute')
  if (size < 48 * hour) return relative.format(Math.round(ahead / hour), 'hour')
  return relative.format(Math.round(ahead / (24 * hour)), 'day')
}

function wordsOf(element, time) {
  const kind = element.dataset.as
  if (kind === 'relative') return relativeWords(time - Date.now())
  if (kind !== 'at') return formats[kind].format(time)
  const sameYear = time.getFullYear() === new Date().getFullYear()
  return (sameYear ? formats.at : formats.year).format(time)
}

function localTimes(root) {
  for (const element of root.querySelectorAll('time[data-as]')) {
    const time = new Date(element.dateTime)
    const words = wordsOf(element, time)
    if (element.textContent !== words) element.textContent = words
    const title = `${formats.exact.format(time)} (${zone})`
    if (element.title !== title) element.title = title
  }
  const note = document.getElementById('zone')
  if (note) note.textContent = document.body.dataset.zone.replace('{zone}', zone)
}

// Parts with an id are compared as the server sent them, so that what this script or the reader changed
// (times, opened details) is no difference.
const sent = new Map()
const partsOf = (root) =>
  root.querySelectorAll('main section[id], main header[id], main > article[id], #standing')

function remember(root) {
  for (const part of partsOf(root)) sent.set(part.id, part.innerHTML)
}

function swap(old, fresh) {
  const open = new Map([...old.querySelectorAll('details[id]')].map((one) => [one.id, one.open]))
  const focused = document.activeElement?.closest('[id]')
  const focusId = focused && old.contains(focused) ? focused.id : null
  const scrolled = new Map([...old.querySelectorAll('[tabindex="0"]')].map((box, n) => [n, box.scrollLeft]))
  old.innerHTML = fresh.innerHTML
  for (const details of old.querySelectorAll('details[id]'))
    details.open = open.get(details.id) ?? details.open
  old.querySelectorAll('[tabindex="0"]').forEach((box, n) => (box.scrollLeft = scrolled.get(n) ?? 0))
  if (focusId) document.getElementById(focusId)?.focus({ preventScroll: true })
}

async function refresh() {
  const response = await fetch(location.href, { headers: { accept: 'text/html' } })
  if (!response.ok) return
  const fresh = new DOMParser().parseFromString(await response.text(), 'text/html')
  const old = [...partsOf(document)]
  const now = [...partsOf(fresh)]
  const same = old.length === now.length && old.every((part, n) => part.id === now[n].id)
  if (same) {
    old.forEach((part, n) => {
      if (sent.get(part.id) !== now[n].innerHTML) swap(part, now[n])
    })
  } else {
    swap(document.getElementById('main'), fresh.getElementById('main'))
  }
  const menu = fresh.querySelector('header.top nav')
  if (menu) document.querySelector('header.top nav').innerHTML = menu.innerHTML
  remember(fresh)
  localTimes(document)
}

// At most one fetch in two seconds, and none while nobody looks.
const restMs = 2000
let wanted = false
let busy = false

async function follow() {
  if (busy || !wanted || document.hidden) return
  busy = true
  wanted = false
  try {
    await refresh()
  } catch {
    // The connection is gone; the line at the foot says so, and the next event tries again.
  }
  setTimeout(() => {
    busy = false
    void follow()
  }, restMs)
}

const note = document.getElementById('live')
const staleMs = 40 * second
let heardMs = Date.now()

function heard() {
  heardMs = Date.now()
  note.textContent = document.body.dataset.live
  document.body.classList.remove('stale')
}

function sayStale() {
  const silent = Date.now() - heardMs
  if (silent < staleMs) return
  const time = new Intl.NumberFormat(locale, { style: 'unit', unit: 'second', unitDisplay: 'short' })
  note.textContent = document.body.dataset.stale.replace(
    '{time}',
    time.format(Math.round(silent / 10_000) * 10),
  )
  document.body.classList.add('stale')
}

function listen() {
  const source = new EventSource('/events')
  source.addEventListener('open', () => {
    if (Date.now() - heardMs > staleMs) wanted = true
    heard()
    void follow()
  })
  source.addEventListener('beat', heard)
  source.addEventListener('change', () => {
    heard()
    wanted = true
    void follow()
  })
}

remember(document)
localTimes(document)
listen()
document.addEventListener('visibilitychange', () => void follow())
setInterval(() => {
  localTimes(document)
  sayStale()
}, 10 * second)
