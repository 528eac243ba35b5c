import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const POM = join(import.meta.dirname, 'kafka', 'pom.xml')
const CACHE = join(import.meta.dirname, '..', '..', '.runtime')
const FEWEST_JARS = 40

/** Folder of the broker's jars, below `.runtime/`; fetched with Maven when they are not there. */
export async function bringKafka(): Promise<string> {
  const version = /<kafka\.version>(.*)<\/kafka\.version>/.exec(readFileSync(POM, 'utf8'))![1]
  const jars = join(CACHE, `kafka-${version}`)
  if (existsSync(jars) && readdirSync(jars).length >= FEWEST_JARS) return jars
  mkdirSync(CACHE, { recursive: true })
  // Beside its place and then moved there: two test files may both find it missing.
  const made = mkdtempSync(join(CACHE, 'kafka-making-'))
  try {
    await run('mvn', [
      ...['-B', '-q', '-f', POM, 'dependency:copy-dependencies'],
      ...['-DincludeScope=runtime', `-DoutputDirectory=${made}`],
    ])
    if (!existsSync(jars)) renameSync(made, jars)
  } finally {
    rmSync(made, { recursive: true, force: true })
  }
  return jars
}
