import type { AnyBulkWriteOperation, Collection, Document } from 'mongodb'
import { OPERATION } from './connection.ts'
import { RANGES } from './outbox-documents.ts'

export const LEASES = 'outbox_leases'
export const LEASE_MS = 5_000
/** After so long a node that ended without a word is forgotten. */
const FORGOTTEN_MS = 60 * 60 * 1_000

/** Who moves a range of events, or that a node is there at all. All times are the database's, so no node's clock matters. */
export interface LeaseDocument {
  _id: string
  /** Null for a node's own document. */
  range: number | null
  /** The node, null for none. */
  owner: string | null
  /** Milliseconds. */
  until: number
  /** Counts the owners of the range. */
  fence: number
}

const NOW: Document = { $toLong: '$$NOW' }
const SOON: Document = { $add: [NOW, LEASE_MS] }
/** Nobody holds longer than from now on: what lies beyond was stamped by a primary whose clock was ahead. */
const LIVE: Document = { $and: [{ $gt: ['$until', NOW] }, { $lte: ['$until', SOON] }] }

export const rangeId = (range: number) => `range/${range}`
const nodeId = (node: string) => `node/${node}`

type Write = AnyBulkWriteOperation<LeaseDocument>

/** A document for each range, made with the indexes. */
export function freeRanges(): Write[] {
  return Array.from({ length: RANGES }, (_, range) => ({
    updateOne: {
      filter: { _id: rangeId(range) },
      update: { $setOnInsert: { range, owner: null, until: 0, fence: 0 } },
      upsert: true,
    },
  }))
}

/** Says that the node is there, prolongs what it still holds, forgets nodes of long ago. */
export function prolong(node: string): Write[] {
  return [
    {
      updateOne: {
        filter: { _id: nodeId(node) },
        update: [{ $set: { range: null, owner: { $literal: node }, until: SOON, fence: 0 } }],
        upsert: true,
      },
    },
    {
      updateMany: {
        filter: { owner: node, range: { $ne: null }, $expr: LIVE },
        update: [{ $set: { until: SOON } }],
      },
    },
    {
      deleteMany: { filter: { range: null, $expr: { $lt: ['$until', { $subtract: [NOW, FORGOTTEN_MS] }] } } },
    },
  ]
}

/** Takes a range that nobody holds. */
export function take(node: string, range: number): Write {
  return {
    updateOne: {
      filter: { _id: rangeId(range), $expr: { $not: [LIVE] } },
      update: [{ $set: { owner: { $literal: node }, until: SOON, fence: { $add: ['$fence', 1] } } }],
    },
  }
}

export function release(node: string, range: number): Write {
  return {
    updateOne: { filter: { _id: rangeId(range), owner: node }, update: { $set: { owner: null, until: 0 } } },
  }
}

/** Gives everything back and says that the node is gone. */
export function leave(node: string): Write[] {
  return [
    { deleteOne: { filter: { _id: nodeId(node) } } },
    { updateMany: { filter: { owner: node }, update: { $set: { owner: null, until: 0 } } } },
  ]
}

/** Everybody's leases as the database sees them now. */
export function standing(leases: Collection<LeaseDocument>) {
  return leases.aggregate<LeaseDocument & { live: boolean }>([{ $set: { live: LIVE } }], OPERATION).toArray()
}
