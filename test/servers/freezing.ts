import type { ChildProcess } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { until } from '../support/until.ts'

/**
 * Stops a process where it is. On a busy machine its threads go on for a while after the signal: it is waited until each of them has
 * stopped, where the system tells (Linux).
 */
export async function freeze(child: ChildProcess | undefined): Promise<void> {
  if (!child?.kill('SIGSTOP')) throw new Error('there is no process to be frozen')
  const threads = `/proc/${child.pid}/task`
  if (existsSync(threads))
    await until(() => readdirSync(threads).every((id) => hasStopped(`${threads}/${id}/stat`)))
}

/** The state stands behind the name, which stands in brackets (proc_pid_stat(5)); a thread that has ended runs no more. */
function hasStopped(stat: string): boolean {
  try {
    return readFileSync(stat, 'utf8').split(') ').at(-1)!.startsWith('T')
  } catch {
    return true
  }
}
