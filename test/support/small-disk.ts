import { execFileSync, spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmdirSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const FILL_BYTES = 4_096

export interface SmallDisk {
  directory: string
  /** Takes all the room that is left. */
  fill(): void
  /** Gives that room back. */
  empty(): void
  remove(): void
}

/** Mounts a disk in memory of so many MB, which can be filled up. */
export function openSmallDisk(size_mb: number): SmallDisk {
  const directory = mkdtempSync(join(tmpdir(), 'tradewind-disk-'))
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size_mb}m`, 'tradewind-test', directory])
  const ballast = join(directory, 'ballast')
  let mounted = true
  const remove = () => {
    if (!mounted) return
    mounted = false
    process.off('exit', remove)
    execFileSync('umount', ['--lazy', directory])
    rmdirSync(directory)
  }
  process.once('exit', remove)
  return {
    directory,
    fill() {
      const file = openSync(ballast, 'a')
      try {
        for (;;) writeSync(file, Buffer.alloc(FILL_BYTES))
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
      } finally {
        closeSync(file)
      }
    },
    empty: () => rmSync(ballast, { force: true }),
    remove,
  }
}

/** Why no disk can be mounted here; undefined when it can. */
export function whyNoDisk(): string | undefined {
  const allowed = process.getuid?.() === 0 && spawnSync('mount', ['--version']).status === 0
  return allowed ? undefined : 'mounts a small disk, which only root may do'
}
