import { type Static, Type } from 'typebox'
import { defineEvent } from '../../kernel/event-type.ts'
import type { CollectionDefinition, Stored } from '../../storage/storage.ts'

export type { Collection, New, Position } from '../../storage/storage.ts'
export type { Applied, ApplyBy, ExportKind, ImportKind, Table, TableRow } from './exchange-schema.ts'

/** Room for 100,000 products with long descriptions. */
export const MAX_UPLOAD_BYTES = 256 * 1_024 * 1_024
/** As much as a product may have as a body. */
export const MAX_ROW_BYTES = 256 * 1_024
export const MAX_ROWS = 1_000_000
export const MAX_COLUMNS = 200
/** Rows that lie in one document, and are judged between two writes of the job. */
export const PART_ROWS = 100
/** A part is closed when it holds so much, whatever the number of its rows. */
export const PART_BYTES = 256 * 1_024
/** Faults that one verdict names. */
export const MAX_ROW_FAULTS = 10
/** How long an upload may take. */
export const UPLOAD_DEADLINE_MS = 600_000
/** Whoever says nothing for so long is taken for dead. */
export const LEASE_MS = 15_000
/** No lease ends later from now, clocks of nodes aside: one that seems to is from before the clock was put back, and is void. */
export const LONGEST_LEASE_MS = UPLOAD_DEADLINE_MS + 60_000

const closed = { additionalProperties: false } as const

export const IMPORT_KINDS = ['products_import', 'orders_import'] as const
export const EXPORT_KINDS = ['products_export', 'orders_export'] as const
export type ImportKindName = (typeof IMPORT_KINDS)[number]
export type ExportKindName = (typeof EXPORT_KINDS)[number]

export const FORMATS = ['ndjson', 'csv'] as const
export type Format = (typeof FORMATS)[number]

/** `discarding`: an upload that was broken off is being taken away. */
export const JOB_STATES = ['receiving', 'discarding', 'running', 'done', 'failed'] as const
export type JobState = (typeof JOB_STATES)[number]

export const RESULTS = ['created', 'updated', 'unchanged', 'refused'] as const
export type Result = (typeof RESULTS)[number]

const Results = Type.Object(
  { created: Type.Integer(), updated: Type.Integer(), unchanged: Type.Integer(), refused: Type.Integer() },
  closed,
)
export type Results = Static<typeof Results>

export const Verdict = Type.Object(
  {
    row: Type.Integer({ description: 'The first is 1; of a table that is the header' }),
    rows: Type.Integer({ description: 'A product with variants is several rows of a table' }),
    key: Type.Union([Type.String(), Type.Null()], { description: 'SKU, or the id of the other shop' }),
    result: Type.Enum([...RESULTS]),
    id: Type.Union([Type.String(), Type.Null()], { description: 'Of the product or the order' }),
    code: Type.Union([Type.String(), Type.Null()], { description: 'Why it was refused' }),
    message: Type.Union([Type.String(), Type.Null()]),
    errors: Type.Array(
      Type.Object({ pointer: Type.String(), code: Type.String(), message: Type.String() }, closed),
    ),
  },
  closed,
)
export type Verdict = Static<typeof Verdict>

/** The only coordinator of an import: how far it is. Of an export it only tells. */
export interface Job extends Stored {
  kind: ImportKindName | ExportKindName
  format: Format
  dry_run: boolean
  state: JobState
  /** Who wanted it. */
  by: string
  /** Of an import: what was received, and how much of it is judged. */
  parts: number
  parts_done: number
  /** Null where it is not known before the end. */
  rows: number | null
  rows_done: number
  results: Results
  /** There until it is over. `until` in milliseconds. */
  lease?: { owner: string; until: number }
  finished_at?: string
}

export const JOBS: CollectionDefinition<Job> = {
  name: 'jobs',
  indexes: { open: { fields: ['lease.until'] }, created: { fields: ['created_at'] } },
}

/** A row as it was received: its JSON text, or why it is none. */
export type ReceivedRow = { row: number; rows: number } & (
  | { text: string; refusal?: never }
  | { refusal: Pick<Verdict, 'code' | 'message' | 'errors'>; key?: string | null; text?: never }
)

/** Some rows of an upload; once they are judged, their verdicts in their place. */
export interface JobPart extends Stored {
  job_id: string
  /** From 0. */
  number: number
  received: ReceivedRow[]
  verdicts?: Verdict[]
  /** Its number, where a row of it was refused. */
  faulty?: number
}

export const JOB_PARTS: CollectionDefinition<JobPart> = {
  name: 'job_parts',
  indexes: {
    by_job: { fields: ['job_id', 'number'] },
    faulty: { fields: ['job_id', 'faulty'] },
    created: { fields: ['created_at'] },
  },
}

const jobFields = {
  id: Type.String(),
  version: Type.Integer(),
  created_at: Type.String({ format: 'date-time' }),
  updated_at: Type.String({ format: 'date-time' }),
  kind: Type.Enum([...IMPORT_KINDS, ...EXPORT_KINDS]),
  format: Type.Enum([...FORMATS]),
  dry_run: Type.Boolean(),
  state: Type.Enum([...JOB_STATES]),
  by: Type.String(),
  rows: Type.Union([Type.Integer(), Type.Null()], { description: 'Of an export: known when it is done' }),
  rows_done: Type.Integer(),
  results: Type.Object(Results.properties, { ...closed, description: 'Products or orders, not rows' }),
  finished_at: Type.Union([Type.String({ format: 'date-time' }), Type.Null()]),
}

export const JobView = Type.Object(jobFields, closed)
export type JobView = Static<typeof JobView>

export const JobWithVerdicts = Type.Object(
  {
    ...jobFields,
    verdicts: Type.Array(Verdict, { description: 'In the order of the rows, as far as they are judged' }),
    next_cursor: Type.Union([Type.String(), Type.Null()]),
  },
  closed,
)
export type JobWithVerdicts = Static<typeof JobWithVerdicts>

export const ImportFinished = defineEvent(
  'import_finished',
  'ecommerce-operations',
  Type.Object(
    {
      job_id: Type.String(),
      kind: Type.Enum([...IMPORT_KINDS]),
      dry_run: Type.Boolean(),
      rows: Type.Integer(),
      ...Results.properties,
    },
    closed,
  ),
)

export const EVENTS = [ImportFinished]
