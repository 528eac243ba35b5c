import type { App } from './http/app.ts'
import type { Media } from './media/media.ts'
import type { PaymentProvider } from './payments/provider.ts'
import type { Addresses } from './shop/addresses/addresses.ts'
import { addressRoutes } from './shop/addresses/routes.ts'
import { analyticsAdminRoutes } from './shop/analytics/admin-routes.ts'
import type { Analytics } from './shop/analytics/analytics.ts'
import { attentionAdminRoutes } from './shop/attention/admin-routes.ts'
import type { Attention } from './shop/attention/attention.ts'
import { auditAdminRoutes } from './shop/audit/admin-routes.ts'
import type { Audit } from './shop/audit/audit.ts'
import type { Auth } from './shop/auth/auth.ts'
import { authRoutes } from './shop/auth/routes.ts'
import type { Carts } from './shop/carts/carts.ts'
import { cartRoutes } from './shop/carts/routes.ts'
import { catalogAdminRoutes } from './shop/catalog/admin-routes.ts'
import type { Catalog } from './shop/catalog/catalog.ts'
import { imageFileRoutes } from './shop/catalog/image-routes.ts'
import { catalogRoutes } from './shop/catalog/routes.ts'
import type { Clickstream } from './shop/clickstream/clickstream.ts'
import { clickstreamRoutes } from './shop/clickstream/routes.ts'
import { deadLetterAdminRoutes } from './shop/dead-letters/admin-routes.ts'
import type { DeadLetters } from './shop/dead-letters/dead-letters.ts'
import { inventoryAdminRoutes } from './shop/inventory/admin-routes.ts'
import type { StockDesk } from './shop/inventory/desk.ts'
import type { LowStockDesk } from './shop/inventory/low-stock.ts'
import { lowStockAdminRoutes } from './shop/inventory/low-stock-admin-routes.ts'
import { jobAdminRoutes } from './shop/jobs/admin-routes.ts'
import type { Jobs } from './shop/jobs/jobs.ts'
import { orderAdminRoutes } from './shop/orders/admin-routes.ts'
import type { Orders } from './shop/orders/orders.ts'
import { paymentRoutes, testActionRoutes } from './shop/orders/payment-routes.ts'
import { returnAdminRoutes, returnRoutes } from './shop/orders/return-routes.ts'
import { orderRoutes } from './shop/orders/routes.ts'
import { personAdminRoutes } from './shop/persons/admin-routes.ts'
import type { Persons } from './shop/persons/persons.ts'
import { personRoutes } from './shop/persons/routes.ts'
import { reviewAdminRoutes } from './shop/reviews/admin-routes.ts'
import type { Reviews } from './shop/reviews/reviews.ts'
import { reviewRoutes } from './shop/reviews/routes.ts'
import { settingsAdminRoutes } from './shop/settings/admin-routes.ts'
import type { Settings } from './shop/settings/settings.ts'
import { timelineAdminRoutes } from './shop/timeline/admin-routes.ts'
import type { Timeline } from './shop/timeline/timeline.ts'
import { userAdminRoutes } from './shop/users/admin-routes.ts'
import type { Users } from './shop/users/users.ts'
import { webhookRoutes } from './shop/webhooks/routes.ts'
import type { Webhooks } from './shop/webhooks/webhooks.ts'
import { wishlistRoutes } from './shop/wishlist/routes.ts'
import type { Wishlist } from './shop/wishlist/wishlist.ts'

/** Whoever answers a route. */
export interface Parts {
  addresses: Addresses
  analytics: Analytics
  attention: Attention
  audit: Audit
  auth: Auth
  carts: Carts
  catalog: Catalog
  clickstream: Clickstream
  deadLetters: DeadLetters
  desk: StockDesk
  jobs: Jobs
  lowStock: LowStockDesk
  orders: Orders
  persons: Persons
  reviews: Reviews
  settings: Settings
  timeline: Timeline
  users: Users
  webhooks: Webhooks
  wishlist: Wishlist
  media: Media
  /** Pages of the test provider, where it runs inside the shop. */
  test_actions: PaymentProvider['inside']
}

/** Every route of the shop. */
export function routesOf(parts: Parts) {
  return {
    /** For shoppers; each names its access. */
    routes(app: App): void {
      authRoutes(app, parts)
      addressRoutes(app, parts)
      personRoutes(app, parts)
      catalogRoutes(app, parts)
      reviewRoutes(app, parts)
      wishlistRoutes(app, parts)
      imageFileRoutes(app, parts.media)
      cartRoutes(app, parts)
      orderRoutes(app, parts)
      paymentRoutes(app, parts)
      returnRoutes(app, parts)
      webhookRoutes(app, parts)
      if (parts.test_actions) testActionRoutes(app, parts.test_actions)
      clickstreamRoutes(app, parts)
    },
    /** Under the guarded scope for staff. */
    staffRoutes(app: App): void {
      userAdminRoutes(app, parts)
      personAdminRoutes(app, parts)
      catalogAdminRoutes(app, parts)
      reviewAdminRoutes(app, parts)
      inventoryAdminRoutes(app, parts)
      orderAdminRoutes(app, parts)
      returnAdminRoutes(app, parts)
      settingsAdminRoutes(app, parts)
      jobAdminRoutes(app, parts)
      analyticsAdminRoutes(app, parts)
      attentionAdminRoutes(app, parts)
      lowStockAdminRoutes(app, parts)
      timelineAdminRoutes(app, parts)
      deadLetterAdminRoutes(app, parts)
      auditAdminRoutes(app, parts)
    },
  }
}
