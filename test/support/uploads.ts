import { strict as assert } from 'node:assert'
import type { Body, Client } from './http-client.ts'
import { until } from './until.ts'

export const NDJSON = { 'content-type': 'application/x-ndjson' }
export const CSV = { 'content-type': 'text/csv' }

/** An import is as slow as its storage. */
const PATIENCE_MS = 120_000

/** Rows as lines of NDJSON. */
export function lines(rows: readonly unknown[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('')
}

/** Sends rows, waits until they are judged, and answers the job with the first page of its verdicts. */
export async function importRows(
  client: Client,
  path: string,
  { raw, headers = NDJSON }: { raw: string; headers?: Record<string, string> },
): Promise<Body> {
  const { status, body, text } = await client.request('POST', path, { headers, raw })
  assert.equal(status, 202, text)
  return finished(client, body.id)
}

/** The job once it is over. */
export async function finished(client: Client, id: string, query = '?limit=100'): Promise<Body> {
  let job: Body
  await until(async () => {
    job = (await client.get(`/admin/jobs/${id}${query}`)).body
    return job.finished_at !== null
  }, PATIENCE_MS)
  return job
}

/** Everything that an export gives. */
export async function exported(
  client: Client,
  path: string,
  accept = 'application/x-ndjson',
): Promise<string> {
  const { status, text } = await client.get(path, { accept })
  assert.equal(status, 200, text)
  return text
}
