'use strict'
/**
 * Writes to DynamoDB that are told of, with what the stream of the table would have shown: the item before and after.
 *
 * A put and a delete answer with the old item (`ReturnValues: ALL_OLD`), an update with the new one (`ALL_NEW`); the other image
 * is read, consistently, beside it. A batch has no images and goes out write by write; a transaction's are read around it. What the handler did not ask for is taken out of its answer. A write that changes
 * nothing makes no stream record, and no effect (DynamoDB developer guide, "Change data capture for DynamoDB Streams").
 */
const { beside } = require('./sdk.js')

const SINGLE = new Set(['PutItem', 'UpdateItem', 'DeleteItem'])

/** The single writes in a call of DynamoDB, `{op, params, by, target}`. */
function writes({ service, operation, params }) {
  if (service !== 'dynamodb') return []
  if (SINGLE.has(operation)) return [part(operation, params)]
  if (operation === 'BatchWriteItem') {
    return Object.entries(params.RequestItems ?? {}).flatMap(([TableName, requests]) =>
      requests.map((one) => (one.PutRequest ? part('PutItem', { TableName, Item: one.PutRequest.Item }) : part('DeleteItem', { TableName, Key: one.DeleteRequest?.Key }))))
  }
  if (operation !== 'TransactWriteItems') return []
  return (params.TransactItems ?? []).flatMap((one) =>
    ['Put', 'Update', 'Delete'].filter((kind) => one[kind]).map((kind) => part(`${kind}Item`, one[kind])))
}

const part = (op, params) => ({ op, params, by: 'TableName', target: params.TableName })

/** Carries out the write and tells of it. */
async function written(recording, call, next, slot, at) {
  const found = writes(call).map((one) => {
    const [list, target] = recording.match(call.service, one)
    return { ...one, list, matched: target }
  })
  const told = found.filter((one) => one.list)
  if (recording.asked.every) return noted(recording, told, next, slot, at)
  if (call.operation === 'PutItem' || call.operation === 'DeleteItem') return replaced(recording, call, next, { slot, at, part: told[0] })
  if (call.operation === 'UpdateItem') return updated(recording, call, next, { slot, at, part: told[0] })
  if (call.operation === 'BatchWriteItem') return oneByOne(recording, call, next, { slot, at })
  const before = []
  for (const one of told) before.push(await read(call, one.params, await keyOf(call, one)))
  const response = await next()
  for (const [index, one] of told.entries()) {
    const old = before[index]
    const fresh = one.op === 'UpdateItem' ? await read(call, one.params, one.params.Key) : one.params.Item
    tell(recording, slot, one, { old, fresh, response: old ? { Attributes: old } : {}, at })
  }
  return response
}

/** Only what the calls themselves tell: nothing is asked for beside them. */
async function noted(recording, told, next, slot, at) {
  const response = await next()
  for (const one of told) slot.push(recording.effect('dynamodb', one, one.matched, response, { at }))
  return response
}

/** PutItem and DeleteItem: their own answer holds the old item. */
async function replaced(recording, call, next, { slot, at, part: one }) {
  const asked = call.params.ReturnValues === 'ALL_OLD'
  const response = await next(asked ? undefined : { ReturnValues: 'ALL_OLD' })
  tell(recording, slot, one, { old: response.Attributes, fresh: call.params.Item, response, at })
  return asked ? response : without(response)
}

/** UpdateItem: one image is its answer, or none, and the rest is read. */
async function updated(recording, call, next, { slot, at, part: one }) {
  const asked = call.params.ReturnValues ?? 'NONE'
  const plain = asked === 'NONE' || asked === 'ALL_NEW'
  let old = asked === 'ALL_OLD' ? undefined : await read(call, one.params, one.params.Key)
  const response = await next(asked === 'NONE' ? { ReturnValues: 'ALL_NEW' } : undefined)
  if (asked === 'ALL_OLD') old = response.Attributes
  const fresh = plain ? response.Attributes : await read(call, one.params, one.params.Key)
  tell(recording, slot, one, { old, fresh, response: without(response), at })
  return asked === 'NONE' ? without(response) : response
}

function tell(recording, slot, one, { old, fresh, response, at }) {
  const before = filled(old)
  const after = one.op === 'DeleteItem' ? undefined : fresh
  if (same(before, after)) {
    // a try before this one, of which nobody was told, may have made the change
    if (!recording.asked.tries || one.op === 'DeleteItem') return
    if (one.op === 'PutItem') response = without(response)
  }
  const more = one.op === 'UpdateItem' ? { oldImage: before, newImage: after } : {}
  slot.push(recording.effect('dynamodb', one, one.matched, response, { at, ...more }))
}

const filled = (item) => (item && Object.keys(item).length ? item : undefined)
const without = ({ Attributes, ...rest }) => rest

const SLOW = /^(ProvisionedThroughputExceeded|Throttling|RequestLimitExceeded)/

/** BatchWriteItem: writes to tables that are told of go out one by one, the others together as they are. */
async function oneByOne(recording, call, next, { slot, at }) {
  const requests = Object.entries(call.params.RequestItems ?? {})
  const mine = (table) => recording.match('dynamodb', part('PutItem', { TableName: table }))[0]
  const others = requests.filter(([table]) => !mine(table))
  const response = others.length ? await next({ RequestItems: Object.fromEntries(others) }) : {}
  const undone = { ...response.UnprocessedItems }
  for (const [TableName, items] of requests.filter(([table]) => mine(table))) {
    for (const item of items) {
      const one = item.PutRequest ? part('PutItem', { TableName, Item: item.PutRequest.Item }) : part('DeleteItem', { TableName, Key: item.DeleteRequest.Key })
      try {
        const { Attributes } = await beside(call, one.op, { ...one.params, ReturnValues: 'ALL_OLD' })
        const [, target] = recording.match('dynamodb', one)
        tell(recording, slot, { ...one, matched: target }, { old: Attributes, fresh: one.params.Item, response: Attributes ? { Attributes } : {}, at })
      } catch (error) {
        if (!SLOW.test(String(error?.code ?? error?.name))) throw error
        undone[TableName] = [...(undone[TableName] ?? []), item]
      }
    }
  }
  return { ...response, UnprocessedItems: undone }
}

async function read(call, { TableName }, Key) {
  return Key && filled((await beside(call, 'GetItem', { TableName, Key, ConsistentRead: true })).Item)
}

const keys = new Map() // table -> the names of its key
/** The key of the item that is written. */
async function keyOf(call, one) {
  if (one.params.Key) return one.params.Key
  const { TableName, Item } = one.params
  if (!keys.has(TableName)) {
    const { Table } = await beside(call, 'DescribeTable', { TableName })
    keys.set(TableName, Table.KeySchema.map((schema) => schema.AttributeName))
  }
  return Object.fromEntries(keys.get(TableName).map((name) => [name, Item[name]]))
}

/** Whether two items are the same, whatever the order of their fields. */
const same = (one, other) => text(one) === text(other)
const text = (value) => JSON.stringify(value, (key, inner) => (inner && typeof inner === 'object' && !Array.isArray(inner) && !ArrayBuffer.isView(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner)) ?? ''

module.exports = { writes, written }
