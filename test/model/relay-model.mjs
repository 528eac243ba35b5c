// node relay-model.mjs <good|trimFirst|pipelined|skipFailing> <events> <relays> <crashes> <publish timeouts>
const [mode = 'good', ...rest] = process.argv.slice(2)
const [N, R, CR, TO] = rest.map(Number)
const init = { next: 1, box: [], log: [], r: Array(R).fill(null), cr: CR, to: TO } // box = outbox inside the aggregate document
function next(s) {
  const out = []
  const add = (n, f) => {
    const c = structuredClone(s)
    f(c)
    out.push([n, c])
  }
  if (s.next <= N)
    add('append' + s.next, (c) => {
      c.box.push(c.next++)
    })
  for (let i = 0; i < R; i++) {
    const r = s.r[i]
    if (!r) {
      if (s.box.length)
        add(`r${i}.read`, (c) => {
          c.r[i] = { b: [...c.box], j: 0, acked: 0 }
          if (mode === 'trimFirst') c.box = []
        })
      continue
    }
    if (s.cr > 0)
      add(`r${i}.CRASH`, (c) => {
        c.cr--
        c.r[i] = null
      })
    if (r.j >= r.b.length) {
      add(`r${i}.trim`, (c) => {
        const m = mode === 'skipFailing' ? r.b.at(-1) : r.acked
        if (mode !== 'trimFirst') c.box = c.box.filter((x) => x > m)
        c.r[i] = null
      })
      continue
    }
    add(`r${i}.publish${r.b[r.j]}`, (c) => {
      c.log.push(r.b[r.j])
      c.r[i].j++
      c.r[i].acked = r.b[r.j]
    })
    if (s.to > 0) {
      const skip = (c) => {
        if (mode === 'skipFailing') c.r[i].j++
      }
      add(`r${i}.timeoutDone${r.b[r.j]}`, (c) => {
        c.to--
        c.log.push(r.b[r.j])
        skip(c)
      })
      add(`r${i}.timeoutLost${r.b[r.j]}`, (c) => {
        c.to--
        skip(c)
      })
      if (mode === 'pipelined' && r.j + 1 < r.b.length)
        add(`r${i}.overtake`, (c) => {
          c.to--
          c.log.push(r.b[r.j + 1], r.b[r.j])
          c.r[i].acked = r.b[r.j + 1]
          c.r[i].j += 2
        })
    }
  }
  return out
}
const firsts = (l) => l.filter((x, i) => l.indexOf(x) === i)
const key = JSON.stringify
const seen = new Set([key(init)])
const bad = new Set()
let layer = [init],
  n = 0,
  dup = 0
while (layer.length) {
  const nl = []
  for (const s of layer) {
    n++
    const f = firsts(s.log)
    if (!f.every((x, i) => x === i + 1)) {
      bad.add('first occurrences not 1,2,3...')
      continue
    }
    dup = Math.max(dup, s.log.length - f.length)
    const ns = next(s)
    if (!ns.length && f.length !== N) bad.add('event lost')
    for (const [, c] of ns) {
      const k = key(c)
      if (!seen.has(k)) {
        seen.add(k)
        nl.push(c)
      }
    }
  }
  layer = nl
}
console.log(
  process.argv.slice(2).join(' '),
  '=> states',
  n,
  'max duplicates',
  dup,
  'violations',
  [...bad].join('; ') || 0,
)
