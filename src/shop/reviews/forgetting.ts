import { isRefusal } from '../../kernel/errors.ts'
import { emptyList, listAll } from '../../storage/list-all.ts'
import type { ReviewDocuments } from './documents.ts'
import { knownOf } from './view-rules.ts'
import type { createWriting } from './writing.ts'

interface Needs {
  documents: ReviewDocuments
  writing: Pick<ReturnType<typeof createWriting>, 'removal'>
}

/** What a person may ask for: to hear all that is kept of them, and to be forgotten. */
export function createForgetting({ documents: { reviews, votes, change }, writing }: Needs) {
  /** Where a person's name stands. */
  const placesOf = (user_id: string) => ({
    own: { index: 'by_user', equal: [user_id] },
    held: { index: 'held_for', equal: [user_id] },
    cast: { index: 'by_user', equal: [user_id] },
  })

  /**
   * Deletes the person's reviews, whose text may say who wrote it; their votes stay without a name. Every step is one commit, so it
   * may be repeated after a crash.
   */
  async function forget(user_id: string): Promise<void> {
    const { own, held, cast } = placesOf(user_id)
    await emptyList(reviews, own, async ({ id }) => {
      await change(id, (review) => writing.removal(review, 'system')).catch(passOver('review_not_found'))
    })
    await emptyList(reviews, held, async ({ held_for: _, ...rest }) => {
      await reviews.replace(rest).catch(passOver('version_moved'))
    })
    await emptyList(votes, cast, async ({ user_id: _, ...rest }) => {
      await votes.replace(rest).catch(passOver('version_moved'))
    })
  }

  /** All that is kept of a person, as plain JSON. */
  async function known(user_id: string) {
    const { own, held, cast } = placesOf(user_id)
    const found = await Promise.all([listAll(reviews, own), listAll(reviews, held), listAll(votes, cast)])
    return knownOf(...found)
  }

  return { forget, known }
}

/** Somebody else was faster with this one; the list tells whether it is still to be done. */
function passOver(code: string): (error: unknown) => void {
  return (error) => {
    if (!isRefusal(error, code)) throw error
  }
}
