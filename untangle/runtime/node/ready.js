'use strict'
/**
 * What a definition in JSONPath cannot work out and the outbox hands over with an effect (`ready`; see the marker's contract).
 *
 * The forms are those of a queue's record and of a notification (Lambda guide, "Using Lambda with Amazon SQS"; SNS guide,
 * "Parsing message formats").
 */
const { md5 } = require('./calls.js')

const entries = (attributes, one) => Object.fromEntries(Object.entries(attributes ?? {}).map(([name, held]) => [name, one(held)]))

const record = ({ DataType, StringValue, BinaryValue }) => ({
  ...(StringValue === undefined ? {} : { stringValue: StringValue }),
  ...(BinaryValue === undefined ? {} : { binaryValue: BinaryValue }),
  stringListValues: [],
  binaryListValues: [],
  dataType: DataType,
})
const typed = ({ DataType, StringValue, BinaryValue }) => ({ Type: DataType, Value: StringValue === undefined ? BinaryValue : StringValue })
const seconds = (time) => new Date(time).toISOString().replace(/\.\d+Z$/, 'Z')

/** Entries that are there. */
const given = (found) => Object.fromEntries(Object.entries(found).filter(([, held]) => held !== undefined))

/** The entry `ready` of an effect on `target`. Gives an Invoke without a payload `{}` as such. */
function ready(effect, target) {
  const { service, op, params, at, trace } = effect
  const made = { target, millis: String(Date.parse(at)) }
  if (service === 'lambda' && op === 'Invoke' && params.Payload === undefined) params.Payload = {}
  if (op === 'SendMessage') {
    Object.assign(made, { md5: md5(params.MessageBody ?? ''), attributes: entries(params.MessageAttributes, record) })
    made.system = given({
      MessageGroupId: params.MessageGroupId,
      MessageDeduplicationId: params.MessageDeduplicationId,
      AWSTraceHeader: params.MessageSystemAttributes?.AWSTraceHeader?.StringValue ?? trace,
    })
  }
  if (op === 'Publish') {
    const attributes = entries(params.MessageAttributes, typed)
    Object.assign(made, { md5: md5(params.Message ?? ''), attributes: entries(params.MessageAttributes, record), typed: attributes })
    made.subject = params.Subject ?? null
    made.optional = given({ Subject: params.Subject, MessageAttributes: Object.keys(attributes).length ? attributes : undefined })
  }
  if (op === 'PutEvents') Object.assign(made, { time: seconds(params.Time ?? at), resources: params.Resources ?? [] })
  return made
}

module.exports = { ready }
