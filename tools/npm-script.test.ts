import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'

const folder = mkdtempSync(join(tmpdir(), 'tradewind-npm-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const script = (path: string, text: string) => {
  writeFileSync(path, text)
  chmodSync(path, 0o755)
}

test('scripts/npm.sh runs npm and what npm starts with the Node.js below .runtime/ where the own one is old', () => {
  const [project, old] = [join(folder, 'shop'), join(folder, 'old')]

  const brought = join(project, `.runtime/node_modules/node-${process.platform}-${process.arch}/bin`)
  for (const path of [join(project, 'scripts'), join(project, 'node_modules'), brought, old])
    mkdirSync(path, { recursive: true })
  for (const name of ['npm.sh', 'runtime.sh'])
    execFileSync('cp', ['-p', join(import.meta.dirname, '../scripts', name), join(project, 'scripts')])
  script(join(old, 'node'), '#!/bin/sh\n[ "$1" = --version ] && echo v20.19.0\nexit 1\n')
  const npm = execFileSync('bash', ['-c', 'realpath "$(type -P npm)"'], { encoding: 'utf8' }).trim()
  symlinkSync(npm, join(old, 'npm'))
  symlinkSync(process.execPath, join(brought, 'node'))
  writeFileSync(
    join(project, 'package.json'),
    JSON.stringify({ name: 'shop', version: '1.0.0', scripts: { say: 'node -p process.version' } }),
  )
  const lock = { name: 'shop', version: '1.0.0', lockfileVersion: 3, packages: {} }
  writeFileSync(join(project, 'package-lock.json'), JSON.stringify(lock))

  const said = execFileSync(join(project, 'scripts/npm.sh'), ['run', '--silent', 'say'], {
    env: { PATH: `${old}:/usr/bin:/bin`, HOME: folder },
    encoding: 'utf8',
  })
  assert.equal(said.trim().split('\n').at(-1), process.version)
})
