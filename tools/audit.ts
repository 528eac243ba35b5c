import { parseArgs } from 'node:util'
import { ConfigurationError, EXIT_CONFIGURATION, environmentWithFile, readConfig } from '../src/config.ts'
import { StartRefused } from '../src/kernel/start-refused.ts'
import { verifyChain } from '../src/shop/audit/verifying.ts'
import { openForReading } from './open-data.ts'

const USAGE = `npm run audit -- verify                  walks the chain of the audit log and names the first entry that does not fit;
                                         the server may run. Says where the chain ends
npm run audit -- verify --noted SEQ:HASH also looks whether an end that was noted elsewhere is still in it`
const NOTED = /^(\d+):([0-9a-f]{64})$/

try {
  process.exitCode = await main()
} catch (error) {
  process.exitCode = error instanceof ConfigurationError ? EXIT_CONFIGURATION : 1
  const expected = error instanceof ConfigurationError || error instanceof StartRefused
  console.error(expected ? error.message : error)
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { noted: { type: 'string' } },
  })
  const noted = values.noted === undefined ? undefined : NOTED.exec(values.noted)
  if (positionals.join() !== 'verify' || noted === null) {
    console.error(USAGE)
    return 1
  }
  const { storage, close } = await openForReading(readConfig(environmentWithFile()))
  try {
    const found = await verifyChain({ storage }, noted && { seq: Number(noted[1]), hash: noted[2]! })
    if (found.sound)
      console.log(`${found.end.seq} entries, sound. The chain ends at ${found.end.seq}:${found.end.hash}`)
    else console.log(`BROKEN at entry ${found.seq}: ${found.reason}`)
    return found.sound ? 0 : 1
  } finally {
    await close()
  }
}
