// node relay-model.mjs VARIANT EVENTS RELAYS CRASHES TIMEOUTS
// Walks every interleaving of relays that move one subject's events from an outbox to a log. Variants: good, trimFirst
// (the outbox forgets before the log has confirmed), pipelined (publishes overtake each other), skipFailing (an
// event that fails is passed over).
const [variant = 'good', ...rest] = process.argv.slice(2)
const [events, relays, crashes, timeouts] = rest.map(Number)

// A relay that holds a batch has the events read, how many of them it is through with, and the last one confirmed.
const start = { next: 1, outbox: [], log: [], relays: Array(relays).fill(null), crashes, timeouts }

function after(state, change) {
  const copy = structuredClone(state)
  change(copy)
  return copy
}

function successors(state) {
  const found = []
  if (state.next <= events) found.push(after(state, (s) => s.outbox.push(s.next++)))
  state.relays.forEach((relay, i) => {
    if (relay) found.push(...stepsOf(state, i))
    else if (state.outbox.length > 0) found.push(after(state, (s) => read(s, i)))
  })
  return found
}

function read(state, i) {
  state.relays[i] = { batch: [...state.outbox], done: 0, confirmed: 0 }
  if (variant === 'trimFirst') state.outbox = []
}

function stepsOf(state, i) {
  const { batch, done } = state.relays[i]
  const crash = after(state, (s) => {
    s.crashes--
    s.relays[i] = null
  })
  const steps = state.crashes > 0 ? [crash] : []
  if (done >= batch.length) return [...steps, after(state, (s) => acknowledge(s, i))]
  steps.push(
    after(state, (s) => {
      s.log.push(batch[done])
      s.relays[i].done++
      s.relays[i].confirmed = batch[done]
    }),
  )
  return state.timeouts > 0 ? [...steps, ...timeoutsOf(state, i)] : steps
}

function acknowledge(state, i) {
  const { batch, confirmed } = state.relays[i]
  const through = variant === 'skipFailing' ? batch.at(-1) : confirmed
  if (variant !== 'trimFirst') state.outbox = state.outbox.filter((event) => event > through)
  state.relays[i] = null
}

/** A publish whose outcome is unknown: it was done, or it was not. */
function timeoutsOf(state, i) {
  const { batch, done } = state.relays[i]
  const timeout = (written) =>
    after(state, (s) => {
      s.timeouts--
      s.log.push(...written)
      if (variant === 'skipFailing') s.relays[i].done++
    })
  const steps = [timeout([batch[done]]), timeout([])]
  if (variant === 'pipelined' && done + 1 < batch.length) {
    steps.push(
      after(timeout([batch[done + 1], batch[done]]), (s) => {
        s.relays[i].confirmed = batch[done + 1]
        s.relays[i].done += 2
      }),
    )
  }
  return steps
}

const seen = new Set([JSON.stringify(start)])
const violations = new Set()
let layer = [start]
let states = 0
let duplicates = 0
while (layer.length > 0) {
  const following = []
  for (const state of layer) {
    states++
    const firsts = [...new Set(state.log)]
    if (!firsts.every((event, index) => event === index + 1)) {
      violations.add('first occurrences not 1,2,3...')
      continue
    }
    duplicates = Math.max(duplicates, state.log.length - firsts.length)
    const next = successors(state)
    if (next.length === 0 && firsts.length !== events) violations.add('event lost')
    for (const one of next) {
      const key = JSON.stringify(one)
      if (seen.has(key)) continue
      seen.add(key)
      following.push(one)
    }
  }
  layer = following
}
const given = process.argv.slice(2).join(' ')
console.log(
  `${given} => states ${states} max duplicates ${duplicates} violations ${[...violations].join('; ') || 0}`,
)
