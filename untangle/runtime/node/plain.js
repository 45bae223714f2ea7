'use strict'
/** Parameters and responses as plain JSON, as effects hold them: bytes in base64, times in ISO 8601, streams left away. */
const { bytesOf, isBinary } = require('./attributes.js')

function plain(value) {
  if (value === undefined || typeof value === 'function') return undefined
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (typeof value === 'bigint') return Number(value)
  if (isBinary(value)) return bytesOf(value).toString('base64')
  if (value instanceof Date) return value.toISOString()
  if (Array.isArray(value)) return value.map((one) => plain(one) ?? null)
  if (value instanceof Set) return [...value].map((one) => plain(one) ?? null)
  if (isStream(value)) return undefined
  const entries = value instanceof Map ? [...value] : Object.entries(value)
  return Object.fromEntries(entries.filter(([name]) => name !== '$metadata').map(([name, one]) => [name, plain(one)]).filter(([, one]) => one !== undefined))
}

const isStream = (value) => value !== null && typeof value === 'object' && (typeof value.pipe === 'function' || typeof value.getReader === 'function' || typeof value.stream === 'function')

/** The bytes of a body, where they are known without reading a stream. */
function sizeOf(body, length) {
  if (body === undefined || body === null) return length ?? 0
  if (typeof body === 'string') return Buffer.byteLength(body)
  if (isBinary(body)) return body.byteLength
  return length ?? body.size ?? body.length ?? undefined
}

/** A payload, text or bytes, as text. */
const textOf = (payload) => (typeof payload === 'string' ? payload : isBinary(payload) ? bytesOf(payload).toString() : String(payload))

module.exports = { plain, isStream, sizeOf, textOf }
