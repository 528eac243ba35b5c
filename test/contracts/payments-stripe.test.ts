import { openWorld } from '../stripe/world.ts'
import { providerContract } from './payments.ts'

providerContract('Stripe', async (t) => {
  const { provider, double } = await openWorld(t)
  return {
    provider,
    methods: {
      success: 'pm_card_visa',
      declined: 'pm_card_chargeDeclined',
      asks: 'pm_card_threeDSecure2Required',
    },
    act: double.act,
  }
})
