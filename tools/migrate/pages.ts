/** Pages that go on behind their last item until one is empty. */
export async function* pages<Item, Position>(
  page: (after: Position) => Item[] | Promise<Item[]>,
  start: Position,
  positionOf: (item: Item) => Position,
): AsyncGenerator<Item[]> {
  for (let after = start; ; ) {
    const items = await page(after)
    if (items.length === 0) return
    yield items
    after = positionOf(items.at(-1)!)
  }
}
