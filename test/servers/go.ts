import { spawnSync } from 'node:child_process'

/** What stripe-mock is built with; an older Go does not read its go.mod. */
export const LEAST_GO = { major: 1, minor: 22 } as const

/** The command `go`, where there is one that is new enough: on the path, or where Go's own archive puts it. */
export function findGo(): string | undefined {
  return ['go', '/usr/local/go/bin/go'].find((command) => {
    const { stdout } = spawnSync(command, ['version'], { encoding: 'utf8' })
    const [, major, minor] = /go(\d+)\.(\d+)/.exec(stdout ?? '') ?? []
    return Number(major) === LEAST_GO.major && Number(minor) >= LEAST_GO.minor
  })
}
