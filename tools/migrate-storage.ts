import { ConfigurationError, EXIT_CONFIGURATION, environmentWithFile, readConfig } from '../src/config.ts'
import { isRefusal } from '../src/kernel/errors.ts'
import { StartRefused } from '../src/kernel/start-refused.ts'
import { moveHouse } from './migrate/move-house.ts'
import { readOptions } from './migrate/options.ts'

const started = performance.now()
try {
  process.exitCode = (await main()) ? 0 : 1
} catch (error) {
  process.exitCode = error instanceof ConfigurationError ? EXIT_CONFIGURATION : 1
  const expected = error instanceof ConfigurationError || error instanceof StartRefused || isRefusal(error)
  console.error(expected ? (error as Error).message : error)
  if (isRefusal(error)) {
    if (error.cause instanceof Error) console.error(`(${error.cause.message})`)
    console.error('The same command goes on where it was.')
  }
}

async function main(): Promise<boolean> {
  const options = readOptions(process.argv.slice(2))
  const config = readConfig(environmentWithFile())
  const equal = await moveHouse({ options, config, say: console.log })
  const seconds = Math.round((performance.now() - started) / 1_000)
  if (equal) {
    console.log(`Everything is equal (${seconds} s). Set MONGODB_URL to the new database and start the shop.`)
    console.log(
      'Keep the old folder: until the new shop has taken its first order, starting the old one is the way back.',
    )
  } else {
    console.error(
      'NOT equal: no server starts on the new database. Keep this table, drop the database, and copy again.',
    )
  }
  return equal
}
