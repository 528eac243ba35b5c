import { type Static, Type } from 'typebox'
import { type App, sendJson } from '../../http/app.ts'
import { etagOf, sendTagged } from '../../http/etag.ts'
import { DEFAULT_PAGE, decodeCursor, encodeCursor, PageQuery } from '../../http/paging.ts'
import { Refusal } from '../../kernel/errors.ts'
import { isStaff, type Principal } from '../../kernel/principal.ts'
import { type Catalog, listText, type ProductListPage } from './catalog.ts'
import { categoryRoutes } from './category-routes.ts'
import { ATTRIBUTE_PARAMETER, PRODUCT_SORTS, productFilters } from './list-query-schema.ts'
import { attributesOf, withoutEmptySearch } from './list-rules.ts'
import { ProductList } from './list-schema.ts'
import { ProductView } from './schema.ts'

const tags = ['products']
const closed = { additionalProperties: false } as const
const params = Type.Object(
  { id: Type.String({ minLength: 1, maxLength: 64, description: 'Id or slug' }) },
  closed,
)

const ProductQuery = Type.Object(
  {
    ...PageQuery,
    ...productFilters,
    sort: Type.Optional(
      Type.Enum([...PRODUCT_SORTS], {
        description: '`relevance` with `q`, `-created_at` without, if left out',
      }),
    ),
    facets: Type.Optional(Type.Boolean()),
    include: Type.Optional(Type.Enum(['total'])),
  },
  { ...closed, patternProperties: { [ATTRIBUTE_PARAMETER]: Type.String({ maxLength: 200 }) } },
)
type ProductQuery = Static<typeof ProductQuery>

/** What shoppers read of the catalogue. */
export function catalogRoutes(app: App, { catalog }: { catalog: Catalog }): void {
  app.get(
    '/products',
    {
      config: { access: 'anyone', bucket: 'search' },
      schema: {
        tags,
        summary: 'List, filter and search products',
        description: 'Beside these, `attr.<name>` filters by an attribute.',
        querystring: ProductQuery,
        response: { 200: ProductList },
      },
    },
    async (request, reply) => sendJson(reply, await listed(catalog, request.principal, request.query)),
  )

  app.get(
    '/products/:id',
    {
      config: { access: 'anyone', bucket: 'browse' },
      schema: { tags, summary: 'A product', params, response: { 200: ProductView } },
    },
    async (request, reply) => {
      const { id } = request.params
      const text = await (isStaff(request.principal) ? catalog.staffPage(id) : catalog.page(id))
      text.etag ??= etagOf(text.version, text.json)
      return sendTagged(request, reply, text.json, text.etag)
    },
  )

  categoryRoutes(app, { catalog })
}

async function listed(catalog: Catalog, principal: Principal, query: ProductQuery): Promise<string> {
  const { limit = DEFAULT_PAGE, cursor, include, facets = false, status, ...named } = query
  const filter = withoutEmptySearch(named)
  const staff = isStaff(principal)
  const total = include === 'total'
  const context = ['products', status, filter]
  let page: ProductListPage
  if (status !== undefined && status !== 'active') {
    if (!staff) throw new Refusal('forbidden', 'forbidden', 'Only staff see products that are not for sale.')
    const after = decodeCursor<{ value: string; id: string }>(cursor, context)
    page = await catalog.listByStatus({ status, after, limit, total })
  } else {
    const after = decodeCursor<{ value: string | number; id: string }>(cursor, context)
    const { sort = filter.q === undefined ? '-created_at' : 'relevance', ...rest } = filter
    page = await catalog.list({
      filter: { ...rest, attributes: attributesOf(query) },
      sort,
      after,
      limit,
      exact: staff,
      total,
      facets,
    })
  }
  return listText(page, encodeCursor(page.next, context))
}
