import { spawn } from 'node:child_process'
import { configurationFaults } from './check-configuration.ts'
import { docsFaults } from './check-docs.ts'
import { fileFaults } from './check-files.ts'
import { licenceFaults } from './check-licences.ts'

/** `npm run check`: everything that can be said of the code without running it. Warnings are errors. */

interface Outcome {
  name: string
  faults: string
  seconds: number
}

function tool(name: string, command: string, ...options: string[]): () => Promise<Outcome> {
  return () =>
    timed(name, () => {
      const child = spawn(process.execPath, [command, ...options], { stdio: ['ignore', 'pipe', 'pipe'] })
      const output: Buffer[] = []
      child.stdout.on('data', (chunk) => output.push(chunk))
      child.stderr.on('data', (chunk) => output.push(chunk))
      return new Promise((resolve, reject) => {
        child.on('error', reject)
        child.on('close', (status) =>
          resolve(status === 0 ? '' : Buffer.concat(output).toString() || `status ${status}`),
        )
      })
    })
}

function own(name: string, faults: () => Promise<string[]>): () => Promise<Outcome> {
  return () => timed(name, async () => (await faults()).join('\n'))
}

async function timed(name: string, work: () => Promise<string>): Promise<Outcome> {
  const began = performance.now()
  const faults = await work()
  return { name, faults, seconds: (performance.now() - began) / 1_000 }
}

const outcomes = await Promise.all(
  [
    tool('types', 'node_modules/typescript/bin/tsc', '--noEmit'),
    tool('lint and format', 'node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings'),
    tool(
      'dependency rules',
      'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs',
      '--config',
      '.dependency-cruiser.mjs',
      'src',
      'test',
      'tools',
      'bench',
    ),
    own('configuration', configurationFaults),
    own('docs', docsFaults),
    own('file sizes', fileFaults),
    own('licences', licenceFaults),
  ].map((run) => run()),
)

for (const { name, faults, seconds } of outcomes) {
  console.log(`${faults ? 'FAILED' : 'ok    '} ${name} (${seconds.toFixed(1)} s)`)
  if (faults) console.log(faults)
}
process.exitCode = outcomes.some(({ faults }) => faults) ? 1 : 0
