import { readFileSync, writeFileSync } from 'node:fs'
import { environmentExample, withReadmeTable } from './check-configuration.ts'
import { DECISIONS_PAGE, decisionsPage } from './decisions-page.ts'
import { errorsPage } from './errors-page.ts'
import { refusalsIn, serverSources } from './refusals.ts'

/** `npm run docs`: writes what is generated from the code into the files that people read. */
writeFileSync('.env.example', environmentExample())
writeFileSync('README.md', withReadmeTable(readFileSync('README.md', 'utf8')))
writeFileSync(DECISIONS_PAGE, decisionsPage())
writeFileSync('docs/errors.md', errorsPage(refusalsIn(serverSources()).refusals))
