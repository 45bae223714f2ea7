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

/** The name in an ARN, in a function's name with a qualifier, or a queue's account and name in its URL. */
function nameOf(service, text) {
  if (/^https?:\/\//.test(text)) return text.replace(/\/+$/, '').split('/').slice(-2).join('/')
  const parts = text.split(':')
  const resource = parts[0] === 'arn' ? parts.slice(5).join(':') : text
  if (service === 'lambda') return resource.replace(/^(\d{12}:)?function:/, '').split(':')[0]
  return resource.split('/').pop()
}

/** The one of the marker's targets that is meant; undefined where it is none of them. */
function matched(service, target, wanted) {
  if (wanted.includes(target)) return target
  const name = nameOf(service, target)
  return wanted.find((one) => (/^https?:\/\//.test(one) ? /^https?:/.test(target) && nameOf(service, one) === name : one === name))
}

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

/** The response to one message, whose effect has this id. `invocation` gives the account and region. */
function responseTo(service, part, id, invocation) {
  const { params } = part
  const number = `${Date.now()}`.padStart(14, '0') + id.split('#').pop().padStart(6, '0')
  const fifo = /\.fifo$/.test(part.target)
  switch (`${service}.${part.op}`) {
    case 'sqs.SendMessage': return {
      MessageId: idOf(id),
      MD5OfMessageBody: md5(String(params.MessageBody ?? '')),
      ...(params.MessageAttributes && Object.keys(params.MessageAttributes).length ? { MD5OfMessageAttributes: attributesMd5(params.MessageAttributes) } : {}),
      ...(fifo ? { SequenceNumber: number } : {}),
    }
    case 'sns.Publish': return { MessageId: idOf(id), ...(fifo ? { SequenceNumber: number } : {}) }
    case 'events.PutEvents': return { EventId: idOf(id) }
    case 'kinesis.PutRecord': return { ShardId: 'shardId-000000000000', SequenceNumber: `4${number.padStart(55, '0')}` }
    case 'lambda.Invoke': return { StatusCode: 202 }
    default: { // scheduler.CreateSchedule
      const [, partition = 'aws', , region = '', account = ''] = (invocation.arn ?? '').split(':')
      return { ScheduleArn: `arn:${partition}:scheduler:${region}:${account}:schedule/${params.GroupName ?? 'default'}/${params.Name}` }
    }
  }
}

/** The whole response of a call, from those to its entries in their order. */
function wholeResponse(service, operation, found, responses) {
  switch (operation) {
    case 'SendMessageBatch': case 'PublishBatch':
      return { Successful: responses.map((one, at) => ({ Id: found[at].id, ...one })), Failed: [] }
    case 'PutEvents': return { FailedEntryCount: 0, Entries: responses }
    case 'PutRecords': return { FailedRecordCount: 0, Records: responses }
    default: return responses[0]
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

/** One response for a call of which some entries were held back and the rest went out: `rows` by place, and what `sent` said. */
function joined(operation, rows, rest, sent) {
  if (operation === 'SendMessageBatch' || operation === 'PublishBatch') {
    return { ...sent, Successful: [...rows.filter(Boolean), ...(sent.Successful ?? [])], Failed: sent.Failed ?? [] }
  }
  const field = operation === 'PutEvents' ? 'Entries' : 'Records'
  const merged = [...rows]
  rest.forEach((place, at) => { merged[place] = sent[field]?.[at] ?? {} })
  return { ...sent, [field]: merged }
}

module.exports = { OPERATIONS, parts, entriesOf, nameOf, matched, idOf, md5, sha256, responseTo, wholeResponse, responsesOf, joined }
