'use strict'
/**
 * What the services refuse of the calls that are held back, in their words: sizes (SQS, SNS, EventBridge and Lambda guides: 1 MiB),
 * counts, what a FIFO queue needs, JSON that is none. What only the service knows (a queue that does not exist) is not refused.
 */
const { exported } = require('./sdk.js')
const { textOf } = require('./plain.js')
const { bytesOf, isBinary } = require('./attributes.js')

const LARGEST = 1_048_576
const ID = /^[A-Za-z0-9_-]{1,80}$/
// eslint-disable-next-line no-control-regex
const UNWRITABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/
const BATCHES = { SendMessageBatch: 'Entries', PublishBatch: 'PublishBatchRequestEntries' }

/** The error that the service would have answered with, as the handler's SDK gives it. */
function refusal(call, code, message, status = 400) {
  if (call.sdk === 'v2') return Object.assign(new Error(message), { code, name: code, statusCode: status, retryable: false, time: new Date(), requestId: 'untangle' })
  const name = code.replace(/^AWS\.SimpleQueueService\./, '')
  const type = exported(call.client, name) ?? exported(call.client, `${name}Exception`)
  const $metadata = { httpStatusCode: status, requestId: 'untangle', attempts: 1, totalRetryDelay: 0 }
  const made = type?.prototype instanceof Error ? new type({ message, $metadata }) : new Error(message)
  return Object.assign(made, { name: made.name === 'Error' ? name : made.name, Code: code, message, $metadata, $fault: 'client' })
}

/** The bytes of a message, its attributes counted (SQS API reference, SendMessage). */
function sizeOf(entry) {
  let size = Buffer.byteLength(String(entry.MessageBody ?? entry.Message ?? ''))
  for (const [name, { DataType = '', StringValue, BinaryValue }] of Object.entries(entry.MessageAttributes ?? {})) {
    size += Buffer.byteLength(name) + DataType.length + (StringValue === undefined ? (isBinary(BinaryValue) ? bytesOf(BinaryValue).length : 0) : Buffer.byteLength(StringValue))
  }
  return size
}

/** What a queue or topic says against one message: `[code, words]`, or undefined. */
function against(call, entry) {
  const queue = call.service === 'sqs'
  const body = entry.MessageBody ?? entry.Message
  const where = String(call.params.QueueUrl ?? call.params.TopicArn ?? call.params.TargetArn ?? '')
  const fault = queue ? 'InvalidParameterValue' : 'InvalidParameter'
  if (!body) return queue ? ['MissingParameter', 'The request must contain the parameter MessageBody.'] : [fault, 'Invalid parameter: Empty message']
  if (sizeOf(entry) > LARGEST) return [fault, queue ? `One or more parameters are invalid. Reason: Message must be shorter than ${LARGEST} bytes.` : 'Invalid parameter: Message too long']
  if (queue && UNWRITABLE.test(body)) return ['InvalidMessageContents', 'Invalid characters were found in the message body.']
  if (where.endsWith('.fifo') && !entry.MessageGroupId) {
    return queue ? ['MissingParameter', 'The request must contain the parameter MessageGroupId.'] : [fault, 'Invalid parameter: The MessageGroupId parameter is required for FIFO topics']
  }
  const count = Object.keys(entry.MessageAttributes ?? {}).length
  if (queue && count > 10) return [fault, `Number of message attributes [${count}] exceeds the allowed maximum [10].`]
  const delay = entry.DelaySeconds ?? 0
  if (!(delay >= 0 && delay <= 900)) return [fault, `Value ${delay} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.`]
  if (!queue && entry.Subject !== undefined && (!entry.Subject.length || entry.Subject.length > 100 || entry.Subject.includes('\n'))) return [fault, 'Invalid parameter: Subject']
  if (!queue && entry.MessageStructure === 'json' && parsed(body)?.default === undefined) return [fault, 'Invalid parameter: Message Structure - No default entry in JSON message body']
  return undefined
}

function parsed(text) {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** What the bus answers for an entry that it does not take; undefined for one that it does. */
function malformed(entry) {
  const name = ['Source', 'DetailType', 'Detail'].find((one) => !entry[one])
  if (name) return { ErrorCode: 'InvalidArgument', ErrorMessage: `Parameter ${name} is not valid. Reason: ${name} is a required argument.` }
  if (entry.Source.startsWith('aws.')) return { ErrorCode: 'NotAuthorizedForSource', ErrorMessage: `Not authorized for the source ${entry.Source}.` }
  const detail = parsed(entry.Detail)
  return detail === null || typeof detail !== 'object' || Array.isArray(detail) ? { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' } : undefined
}

/** Throws where the whole call would be refused. */
function check(call) {
  const { service, operation, params } = call
  const entries = params[BATCHES[operation]]
  if (entries || BATCHES[operation]) return checkBatch(call, entries ?? [])
  if (operation === 'SendMessage' || operation === 'Publish') {
    const found = against(call, params)
    if (found) throw refusal(call, ...found)
  }
  if (operation === 'PutEvents') {
    const count = (params.Entries ?? []).length
    if (!count || count > 10) throw refusal(call, 'ValidationException', "1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must have length less than or equal to 10")
    const size = params.Entries.reduce((sum, one) => sum + (one.Time ? 14 : 0) + [one.Source, one.DetailType, one.Detail, ...(one.Resources ?? [])].reduce((all, text) => all + Buffer.byteLength(text ?? ''), 0), 0)
    if (size > LARGEST) throw refusal(call, 'ValidationException', 'Total size of the entries in the request is over the limit.')
  }
  if (operation === 'PutRecords' && (params.Records ?? []).length > 500) throw refusal(call, 'ValidationException', "1 validation error detected: Value at 'records' failed to satisfy constraint: Member must have length less than or equal to 500")
  if (service === 'lambda' && params.Payload !== undefined && params.Payload !== null) checkPayload(call, textOf(params.Payload))
  return undefined
}

function checkPayload(call, text) {
  const size = Buffer.byteLength(text)
  if (size > LARGEST) throw refusal(call, 'RequestEntityTooLargeException', `${size} byte payload is too large for the Event invocation type (limit ${LARGEST} bytes)`, 413)
  if (text.trim() && parsed(text) === undefined) throw refusal(call, 'InvalidRequestContentException', 'Could not parse request body into json')
}

function checkBatch(call, entries) {
  const lead = call.service === 'sqs' ? 'AWS.SimpleQueueService.' : ''
  const ids = entries.map((one) => one.Id)
  if (!entries.length) throw refusal(call, `${lead}EmptyBatchRequest`, "The batch request doesn't contain any entries.")
  if (entries.length > 10) throw refusal(call, `${lead}TooManyEntriesInBatchRequest`, 'The batch request contains more entries than permissible.')
  if (new Set(ids).size < ids.length) throw refusal(call, `${lead}BatchEntryIdsNotDistinct`, 'Two or more batch entries in the request have the same Id.')
  if (ids.some((id) => !ID.test(String(id)))) throw refusal(call, `${lead}InvalidBatchEntryId`, "The Id of a batch entry in a batch request doesn't abide by the specification.")
  if (entries.reduce((sum, one) => sum + sizeOf(one), 0) > LARGEST) throw refusal(call, `${lead}BatchRequestTooLong`, 'The length of all the messages put together is more than the limit.')
}

/** What is said against one entry of a batch, in the form of its answer; undefined where it is taken. */
function refusedEntry(call, entry) {
  if (call.operation === 'PutEvents') return malformed(entry)
  if (!BATCHES[call.operation]) return undefined
  const found = against(call, entry)
  return found && { Id: entry.Id, SenderFault: true, Code: found[0], Message: found[1] }
}

module.exports = { check, refusal, refusedEntry }
