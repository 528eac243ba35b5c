import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { BackupRefused } from './refused.ts'

/** Refuses a place for a backup that holds something, or lies in the folder that is backed up. */
export function refuseTarget(to: string, from: string): void {
  if (isInside(realPath(to), realPath(from)))
    throw new BackupRefused(`${to} lies in ${from}, which is what is backed up: name a folder elsewhere.`)
  const there = statSync(to, { throwIfNoEntry: false })
  if (there && !(there.isDirectory() && readdirSync(to).length === 0))
    throw new BackupRefused(`${to} is there already and holds something: name another folder.`)
}

function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path)
  return way === '' || !(way === '..' || way.startsWith(`..${sep}`))
}

/** Without links, also of what is not there yet. */
function realPath(path: string): string {
  const whole = resolve(path)
  if (existsSync(whole)) return realpathSync(whole)
  return join(realPath(dirname(whole)), basename(whole))
}
