'use strict'
/**
 * Records with a task token: messages that a workflow waits for, which the function's own queue hands to it.
 *
 * The contract is that of the marker in a message attribute. Where a batch has such records each of them is run alone; the
 * others go to the handler together. Sources: Step Functions API, SendTaskSuccess, SendTaskFailure, SendTaskHeartbeat; Lambda
 * guide, "Using Lambda with Amazon SQS", "Reporting batch item failures".
 */
const { ask, codeOf } = require('./own.js')
const { FailedWithEffects, causeOf } = require('./failed.js')

const PARKED = 'Untangle.Parked'
const GONE = /^(TaskTimedOut|TaskDoesNotExist|InvalidToken)$/

/** The marker of a record, with a token in it; undefined where it has none. */
function attributeOf(record) {
  try {
    const asked = JSON.parse(record?.messageAttributes?.untangle?.stringValue)
    return typeof asked?.token === 'string' ? asked : undefined
  } catch {
    return undefined
  }
}
/** Whether a record of the event waits for an answer. */
const waiting = (event) => Array.isArray(event?.Records) && event.Records.some((record) => attributeOf(record))

function withoutAttribute(record) {
  const { untangle, ...messageAttributes } = record.messageAttributes
  return { ...record, messageAttributes }
}

/** Nobody waits any more for an answer that is there: nobody has its effects, so the next run lets them out. */
class Late extends Error {
  constructor() {
    super('the task was given up while the handler ran: its effects were held back, so the message is tried again')
    this.name = 'Late'
  }
}

/** Tells who waits; false where nobody does any more. */
async function tell(operation, params) {
  try {
    await ask('sfn', operation, params)
    return true
  } catch (error) {
    if (GONE.test(codeOf(error))) return false
    throw error
  }
}

/** The records in the order and company in which they are run: `{records, asked}`, `asked` for one that is waited for. */
async function runs(records, fifo) {
  const found = []
  for (const record of records) {
    const asked = attributeOf(record)
    const bare = asked ? withoutAttribute(record) : record
    if (asked && await tell('SendTaskHeartbeat', { taskToken: asked.token })) found.push({ records: [bare], asked })
    else {
      const company = fifo ? found.at(-1) : found.find((run) => !run.asked)
      if (company && !company.asked) company.records.push(bare)
      else found.push({ records: [bare] })
    }
  }
  return found
}

/**
 * Runs the event. `plainly(event)` runs records that nobody waits for; `asked(event, marker, id)` one that is waited for, and gives
 * `{return, effects}`.
 */
async function answered(event, plainly, asked) {
  const fifo = event.Records.some((record) => /\.fifo$/.test(record.eventSourceARN ?? ''))
  const all = await runs(event.Records, fifo)
  if (all.length === 1 && !all[0].asked) return plainly({ ...event, Records: all[0].records })
  const failed = []
  let first
  let result
  for (const run of all) {
    if (fifo && failed.length) {
      failed.push(...run.records.map((record) => record.messageId))
      continue
    }
    const outcome = await (run.asked ? waitedFor(event, run, asked) : together(event, run, plainly))
    failed.push(...outcome.failed)
    first ??= outcome.error
    result = outcome.result
  }
  if (first && failed.length === event.Records.length) throw first
  if (event.Records.length === 1) return result
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) }
}

async function together(event, { records }, plainly) {
  try {
    const result = await plainly({ ...event, Records: records })
    return { failed: reported(result, records), result }
  } catch (error) {
    return { failed: records.map((record) => record.messageId), error }
  }
}

/** The records that a handler said had failed; a report that names none it was given means all (Lambda guide). */
function reported(result, records) {
  const failures = result?.batchItemFailures
  if (!failures?.length) return []
  const known = records.map((record) => record.messageId)
  const named = failures.map((one) => one?.itemIdentifier)
  return named.every((one) => known.includes(one)) ? known.filter((one) => named.includes(one)) : known
}

async function waitedFor(event, { records: [record], asked: marker }, asked) {
  const received = Number(record.attributes?.ApproximateReceiveCount ?? 0)
  try {
    const tries = 'tries' in marker ? { tries: received - 1 } : {}
    const answer = await asked({ ...event, Records: [record] }, { ...marker, ...tries }, record.messageId)
    if (!(await tell('SendTaskSuccess', { taskToken: marker.token, output: JSON.stringify(answer) }))) throw new Late()
    return { failed: [], result: answer.return }
  } catch (error) {
    if (!(error instanceof Late) && marker.receives && received >= marker.receives) {
      const name = error instanceof FailedWithEffects ? error.name : PARKED
      await tell('SendTaskFailure', { taskToken: marker.token, error: name, cause: causeOf(error) })
    }
    return { failed: [record.messageId], error: error instanceof FailedWithEffects ? error.cause : error }
  }
}

module.exports = { answered, waiting }
