import { parseArgs } from 'node:util'
import { runCampaign } from './run.ts'

/** `npm run crash -- --kills N [--seed S] [--keep]`: kills a loaded server N times and checks what it promised. */
const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '50' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    keep: { type: 'boolean', default: false },
  },
})

const outcome = await runCampaign({
  kills: Number(values.kills),
  seed: Number(values.seed),
  keep: values.keep,
  say: (line) => console.log(line),
})
for (const violation of outcome.violations) console.log(`VIOLATION ${violation}`)
console.log(
  `${outcome.kills} kills, ${outcome.summary}, ${outcome.violations.length} violations (seed ${values.seed})`,
)
if (outcome.violations.length > 0) console.log(`The folder is kept: ${outcome.directory}`)
process.exitCode = outcome.violations.length > 0 ? 1 : 0
