interface Answer {
  responses?: { name: string; partitionResponses: { index: number; errorCode: number }[] }[]
}

interface SendError extends Error {
  errors?: unknown[]
  response?: Answer
  produced?: { offsets?: { topic: string; partition: number }[] }
}

/**
 * The partitions (`topic/partition`) that a failed send has written all the same: those of other brokers, and those whose
 * part of the broker's answer holds no error. Their events must not be sent again.
 */
export function writtenBy(error: unknown, found = new Set<string>()): Set<string> {
  if (!(error instanceof Error)) return found
  const { errors = [], response, produced } = error as SendError
  for (const { topic, partition } of produced?.offsets ?? []) found.add(`${topic}/${partition}`)
  for (const { name, partitionResponses } of response?.responses ?? [])
    for (const { index, errorCode } of partitionResponses ?? [])
      if (errorCode === 0) found.add(`${name}/${index}`)
  for (const part of errors) writtenBy(part, found)
  return found
}
