'use strict'
/**
 * DynamoDB's attribute values, `{S: 'x'}`, and the plain values that document clients give handlers in their place.
 *
 * The rules are those of @aws-sdk/util-dynamodb and of the document client of version 2 (DynamoDB developer guide, "Data types").
 * Which fields of a call hold attribute values is told by their names, which mean the same in all of DynamoDB's operations.
 */

const MAPS = new Set(['Item', 'Key', 'ExpressionAttributeValues', 'ExclusiveStartKey', 'LastEvaluatedKey', 'Attributes', 'ItemCollectionKey'])
const LISTS = new Set(['Items', 'Keys'])
const VALUES = new Set(['AttributeValueList', 'Parameters'])
const BLIND = new Set(['ExpressionAttributeNames', 'AttributesToGet'])

/** A set of version 2's document client: `{wrapperName: 'Set', values, type}`. */
const isWrapped = (value) => value !== null && typeof value === 'object' && value.wrapperName === 'Set' && Array.isArray(value.values)
const isNumberValue = (value) => value !== null && typeof value === 'object' && typeof value.value === 'string' && /^(NumberValue(Impl)?|DynamoDBNumberValue)$/.test(value.constructor?.name ?? '')
const isBinary = (value) => ArrayBuffer.isView(value) || value instanceof ArrayBuffer

/** Bytes of any of the forms that JavaScript has for them. */
function bytesOf(value) {
  if (value instanceof ArrayBuffer) return Buffer.from(value)
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength)
}

function setOf(values) {
  const first = values[0]
  if (typeof first === 'string') return { SS: [...values] }
  if (isBinary(first)) return { BS: [...values] }
  return { NS: [...values].map((one) => (isNumberValue(one) ? one.value : String(one))) }
}

/** One plain value as an attribute value; undefined for what has none. `options` are `marshallOptions`. */
function toAttribute(value, options = {}) {
  if (value === undefined || typeof value === 'function') return undefined
  if (value === null) return { NULL: true }
  if (typeof value === 'boolean' || value instanceof Boolean) return { BOOL: Boolean(value.valueOf()) }
  if (typeof value === 'number' || typeof value === 'bigint' || value instanceof Number) return { N: String(value) }
  if (isNumberValue(value)) return { N: value.value }
  if (typeof value === 'string' || value instanceof String) return options.convertEmptyValues && value.length === 0 ? { NULL: true } : { S: String(value) }
  if (isBinary(value)) return options.convertEmptyValues && value.byteLength === 0 ? { NULL: true } : { B: value }
  if (isWrapped(value)) return setOf(value.values)
  if (value instanceof Set) return value.size === 0 && options.convertEmptyValues ? { NULL: true } : setOf([...value])
  if (Array.isArray(value)) return { L: value.map((one) => toAttribute(one, options)).filter((one) => one !== undefined) }
  if (value instanceof Date) return { S: value.toISOString() }
  return { M: toItem(value, options) }
}

/** An object or Map of plain values as an item. */
function toItem(item, options) {
  const entries = item instanceof Map ? [...item] : Object.entries(item)
  return Object.fromEntries(entries.map(([name, value]) => [name, toAttribute(value, options)]).filter(([, value]) => value !== undefined))
}

/** One attribute value as a plain one. `options` are `unmarshallOptions`, and `sets` makes a set in version 2's form. */
function fromAttribute(value, options = {}) {
  const [[type, held]] = Object.entries(value).filter(([, one]) => one !== undefined)
  const number = (text) => (options.wrapNumbers === true ? { value: text } : typeof options.wrapNumbers === 'function' ? options.wrapNumbers(text) : plainNumber(text))
  const many = (values) => (options.sets ? options.sets(values) : new Set(values))
  switch (type) {
    case 'NULL': return null
    case 'N': return number(held)
    case 'L': return held.map((one) => fromAttribute(one, options))
    case 'M': return fromItem(held, options)
    case 'SS': case 'BS': return many(held)
    case 'NS': return many(held.map(number))
    default: return held // S, B, BOOL
  }
}

function plainNumber(text) {
  const number = Number(text)
  return Number.isInteger(number) && !Number.isSafeInteger(number) ? BigInt(text) : number
}

const fromItem = (item, options) => Object.fromEntries(Object.entries(item).map(([name, value]) => [name, fromAttribute(value, options)]))

/** Parameters or a response with each attribute value in it converted by `one`, each item by `item`. */
function convert(value, one, item) {
  if (Array.isArray(value)) return value.map((inner) => convert(inner, one, item))
  if (value === null || typeof value !== 'object' || isBinary(value) || value instanceof Date) return value
  const made = {}
  for (const [name, inner] of Object.entries(value)) {
    if (inner === undefined || inner === null || BLIND.has(name)) made[name] = inner
    else if (MAPS.has(name)) made[name] = item(inner)
    else if (LISTS.has(name) && Array.isArray(inner)) made[name] = inner.map(item)
    else if (VALUES.has(name) && Array.isArray(inner)) made[name] = inner.map(one)
    else if (name === 'Value') made[name] = one(inner)
    else if (name === 'Responses' && !Array.isArray(inner)) made[name] = Object.fromEntries(Object.entries(inner).map(([table, items]) => [table, items.map(item)]))
    else made[name] = convert(inner, one, item)
  }
  return made
}

/** What a document client was given, as DynamoDB gets it. */
const marshal = (value, options) => convert(value, (one) => toAttribute(one, options), (item) => toItem(item, options))
/** What DynamoDB answers, as a document client hands it on. */
const unmarshal = (value, options) => convert(value, (one) => fromAttribute(one, options), (item) => fromItem(item, options))

module.exports = { marshal, unmarshal, toAttribute, fromAttribute, toItem, fromItem, bytesOf, isBinary }
