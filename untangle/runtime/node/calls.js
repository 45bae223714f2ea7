'use strict'
/**
 * What a call is made of: the single messages in it, the target of each, and the answer that the service would have given.
 *
 * Which operations put something into a channel, and by which parameters, is in `operations.json`. Shapes: the API references of
 * SQS, SNS, EventBridge, Kinesis, Lambda and EventBridge Scheduler; MD5 of attributes: SQS developer guide, "Amazon SQS message
 * attributes", "Calculating the MD5 message digest for message attributes".
 */
const { createHash } = require('node:crypto')
const { bytesOf, isBinary } = require('./attributes.js')
const OPERATIONS = require('./operations.json')

const md5 = (text) => createHash('md5').update(text).digest('hex')
const sha256 = (text) => createHash('sha256').update(text).digest('hex')

const value = (params, path) => path.split('.').reduce((found, name) => found?.[name], params)

/** The parameters' own name of the target: `[parameter, text]`. */
function named(params, paths, standard) {
  for (const path of paths) if (typeof value(params, path) === 'string') return [path, value(params, path)]
  return standard === undefined ? undefined : [undefined, standard]
}

/**
 * The single messages of a call, `{op, params, by, target, at}`: batches taken apart, with `by` the parameter that holds the
 * target and `at` the place among the entries. [] for an operation that puts nothing anywhere, or does so at the side.
 */
function parts(service, operation, params) {
  const kind = OPERATIONS[service]?.[operation]
  if (!kind || kind.tables) return []
  if (service === 'lambda' && params.InvocationType !== 'Event') return []
  if (!kind.entries) {
    const found = named(params, kind.target)
    return found ? [{ op: operation, params, by: found[0], target: found[1], text: kind.text }] : []
  }
  const whole = kind.target && named(params, kind.target)
  return (params[kind.entries] ?? []).map((entry, at) => {
    const found = whole ?? named(entry, kind.each ?? [], kind.default)
    if (!found) return undefined
    const { Id, ...rest } = entry
    const single = kind.target ? { ...rest, [whole[0]]: whole[1] } : entry
    return { op: kind.one, params: single, by: found[0], target: found[1], text: kind.text, at, id: kind.target ? Id : undefined }
  }).filter(Boolean)
}

/** The field of the call that holds its entries; undefined for a call of one message. */
const entriesOf = (service, operation) => OPERATIONS[service]?.[operation]?.entries

// ---- answers ----

/** An id in the form of those that the services make, the same for the same call of the same request. */
function idOf(seed) {
  const hex = sha256(seed)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

const lengthed = (bytes) => { const size = Buffer.alloc(4); size.writeUInt32BE(bytes.length); return Buffer.concat([size, bytes]) }

/** MD5 of a message's attributes, as the SDKs check it. */
function attributesMd5(attributes) {
  const hash = createHash('md5')
  for (const name of Object.keys(attributes).sort()) {
    const { DataType, StringValue, BinaryValue } = attributes[name]
    hash.update(lengthed(Buffer.from(name)))
    hash.update(lengthed(Buffer.from(DataType ?? 'String')))
    hash.update(Buffer.from([BinaryValue === undefined ? 1 : 2]))
    hash.update(lengthed(BinaryValue === undefined ? Buffer.from(StringValue ?? '') : isBinary(BinaryValue) ? bytesOf(BinaryValue) : Buffer.from(BinaryValue)))
  }
  return hash.digest('hex')
}

/** The response to one message, whose effect has this id. */
function responseTo(service, part, id) {
  const { params } = part
  const [millis, count] = [String(Date.now()), id.split('#').pop()]
  const number = `1${millis.padStart(15, '0')}${count.padStart(4, '0')}`
  const fifo = /\.fifo$/.test(part.target)
  switch (`${service}.${part.op}`) {
    case 'sqs.SendMessage': return {
      MessageId: idOf(id),
      MD5OfMessageBody: md5(String(params.MessageBody ?? '')),
      ...(params.MessageAttributes && Object.keys(params.MessageAttributes).length ? { MD5OfMessageAttributes: attributesMd5(params.MessageAttributes) } : {}),
      ...(params.MessageSystemAttributes && Object.keys(params.MessageSystemAttributes).length ? { MD5OfMessageSystemAttributes: attributesMd5(params.MessageSystemAttributes) } : {}),
      ...(fifo ? { SequenceNumber: number } : {}),
    }
    case 'sns.Publish': return { MessageId: idOf(id), ...(fifo ? { SequenceNumber: number } : {}) }
    case 'events.PutEvents': return { EventId: idOf(id) }
    case 'kinesis.PutRecord': return { ShardId: 'shardId-000000000000', SequenceNumber: `49${millis.padStart(16, '0')}${count.padStart(38, '0')}` }
    case 'lambda.Invoke': return { StatusCode: 202 }
    default: { // scheduler.CreateSchedule
      const [, partition = 'aws', , region = '', account = ''] = part.target.split(':')
      return { ScheduleArn: `arn:${partition}:scheduler:${region}:${account}:schedule/${params.GroupName ?? 'default'}/${params.Name}` }
    }
  }
}

/** The response to each entry that went out, by its place; undefined where it failed. */
function responsesOf(operation, found, response) {
  switch (operation) {
    case 'SendMessageBatch': case 'PublishBatch': {
      const byId = new Map((response.Successful ?? []).map(({ Id, ...rest }) => [Id, rest]))
      return found.map((part) => byId.get(part.id))
    }
    case 'PutEvents': case 'PutRecords': {
      const rows = response.Entries ?? response.Records ?? []
      return found.map((part, at) => (rows[at]?.ErrorCode ? undefined : rows[at]))
    }
    default: return [response]
  }
}

const isBatch = (operation) => operation === 'SendMessageBatch' || operation === 'PublishBatch'

/**
 * One response for a call: `rows` by the places of its entries, for those that were held back (an entry's own refusal among them),
 * undefined for those that went out; `sent` is what the service said of these, `away` their places.
 */
function joined(call, rows, away = [], sent = {}) {
  const { operation } = call
  if (isBatch(operation)) {
    const known = rows.filter(Boolean)
    const failed = [...known.filter((row) => row.Code), ...(sent.Failed ?? [])]
    const Successful = [...known.filter((row) => !row.Code), ...(sent.Successful ?? [])]
    return { ...sent, Successful, ...(failed.length || call.service === 'sns' || call.sdk === 'v2' ? { Failed: failed } : {}) }
  }
  const [field, count] = operation === 'PutEvents' ? ['Entries', 'FailedEntryCount'] : ['Records', 'FailedRecordCount']
  const merged = [...rows]
  away.forEach((place, at) => { merged[place] = sent[field]?.[at] ?? {} })
  return { ...sent, [count]: merged.filter((row) => row?.ErrorCode).length, [field]: merged }
}

module.exports = { OPERATIONS, parts, entriesOf, idOf, md5, sha256, responseTo, responsesOf, joined, isBatch }
