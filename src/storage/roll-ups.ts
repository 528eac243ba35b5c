/**
 * Results of consumers. A roll-up document is written by compare-and-set on the fence that was read: the
 * offset above which it has counted nothing yet, per partition. So a repeated batch counts once.
 */
export interface RollUps {
  /** In the order of `ids`, without those that are not there. */
  read(name: string, ids: readonly string[]): Promise<RollUp[]>
  /** Pages through a roll-up by id; `from` inclusive, `before` exclusive. */
  range(name: string, range: { from?: string; before?: string; limit: number }): Promise<RollUp[]>
  /**
   * Writes documents and then the group's positions, all or nothing where the engine can (SQLite), in this
   * order where it cannot. False, and nothing of a document written, when one of the fences had moved. A position
   * never goes back: a node that was overtaken may write a lower one, and nothing but `drop` takes it away.
   */
  write(
    name: string,
    documents: readonly RollUpWrite[],
    positions: readonly GroupPosition[],
  ): Promise<boolean>
  /** Next offset to read per partition; missing ones are at 0. */
  positions(group: string): Promise<GroupPosition[]>
  /** Forgets the documents and positions of a roll-up, so that it is built again from the log. */
  drop(name: string): Promise<void>
}

/** Next offset to read, by `topic/partition`. */
export type Fence = Record<string, number>

export interface RollUp<Body = unknown> {
  id: string
  fence: Fence
  body: Body
}

export interface RollUpWrite<Body = unknown> extends RollUp<Body> {
  /** The fence that was read, null for a document that was not there. */
  expected: Fence | null
}

export interface GroupPosition {
  group: string
  topic: string
  partition: number
  offset: number
}

/** One text per fence, in whatever order it was built, so that fences compare as texts. */
export function fenceText(fence: Fence): string {
  return JSON.stringify(Object.fromEntries(Object.entries(fence).sort(([a], [b]) => (a < b ? -1 : 1))))
}
