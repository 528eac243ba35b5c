/** The part of cli-progress that the replay uses; the package brings no types. */
declare module 'cli-progress' {
  export interface BarOptions {
    format: string
    fps: number
    hideCursor: boolean
  }
  export const Presets: { shades_classic: object }
  export class SingleBar {
    constructor(options: BarOptions, preset: object)
    start(total: number, startValue: number): void
    update(value: number): void
    stop(): void
  }
}
