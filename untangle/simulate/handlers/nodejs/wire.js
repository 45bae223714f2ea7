'use strict'
/**
 * What crosses between a handler's process and the simulation, one JSON document a line, on descriptors of their own, which
 * are the process's two arguments: lines come in on the first and go out on the second.
 *
 * What JSON has not is wrapped: `{"$bytes": base64}` (streams are read to their end first) and `{"$time": milliseconds}`; a body
 * that clients hand out as a stream comes as `{"$stream": base64}`.
 */
const fs = require('node:fs')
const net = require('node:net')
const { Readable } = require('node:stream')
const { bytesOf, isBinary } = require('../../../runtime/node/attributes.js')
const { isStream } = require('../../../runtime/node/plain.js')

const [incoming, outgoing] = process.argv.slice(2).map(Number)
const input = new net.Socket({ fd: incoming, readable: true, writable: false })
const { writeSync } = fs
const { reallyExit } = process

/** Writes one document, and waits until it is written. */
function write(document) {
  let rest = Buffer.from(`${JSON.stringify(document)}\n`)
  while (rest.length) {
    try {
      rest = rest.subarray(writeSync(outgoing, rest))
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error
    }
  }
}

/** Calls `heard` with each document that comes in. */
function listen(heard) {
  let rest = ''
  input.setEncoding('utf8')
  input.on('data', (text) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop()
    for (const line of lines) heard(JSON.parse(line))
  })
  input.on('end', () => reallyExit.call(process, 0)) // the simulation is gone
}

async function collected(stream) {
  const source = typeof stream.getReader === 'function' ? Readable.fromWeb(stream) : typeof stream.stream === 'function' ? Readable.fromWeb(stream.stream()) : stream
  const chunks = []
  for await (const chunk of source) chunks.push(Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk))
  return Buffer.concat(chunks)
}

/** Whether encoding a value takes reading a stream. */
const streams = (value) => value !== null && typeof value === 'object' && !isBinary(value) && !(value instanceof Date) && (isStream(value) || Object.values(value).some(streams))

/** Parameters with their streams read. */
async function read(value) {
  if (value === null || typeof value !== 'object' || isBinary(value) || value instanceof Date) return value
  if (isStream(value)) return collected(value)
  if (Array.isArray(value)) return Promise.all(value.map(read))
  const made = {}
  for (const name of Object.keys(value)) made[name] = await read(value[name])
  return made
}

/** Parameters as JSON. */
function encoded(value) {
  if (value === undefined || typeof value === 'function') return undefined
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
  if (isBinary(value)) return { $bytes: bytesOf(value).toString('base64') }
  if (value instanceof Date) return { $time: value.getTime() }
  if (Array.isArray(value) || value instanceof Set) return [...value].map((one) => encoded(one) ?? null)
  const entries = value instanceof Map ? [...value] : Object.entries(value)
  return Object.fromEntries(entries.map(([name, one]) => [name, encoded(one)]).filter(([, one]) => one !== undefined))
}

/** A body as clients of version 3 give it. */
function bodyOf(bytes) {
  const stream = Readable.from(bytes.length ? [bytes] : [])
  return Object.assign(stream, {
    transformToString: async (encoding) => bytes.toString(encoding ?? 'utf8'),
    transformToByteArray: async () => new Uint8Array(bytes),
    transformToWebStream: () => Readable.toWeb(Readable.from([bytes])),
  })
}

const blobOf = (bytes) => Object.assign(new Uint8Array(bytes), { transformToString: (encoding) => bytes.toString(encoding ?? 'utf8') })

/** A response as the handler's SDK gives it. */
function decoded(value, call) {
  if (Array.isArray(value)) return value.map((one) => decoded(one, call))
  if (value === null || typeof value !== 'object') return value
  if ('$time' in value) return new Date(value.$time)
  const second = call.sdk === 'v2'
  if ('$stream' in value) return second ? Buffer.from(value.$stream, 'base64') : bodyOf(Buffer.from(value.$stream, 'base64'))
  if ('$bytes' in value) {
    const bytes = Buffer.from(value.$bytes, 'base64')
    return second ? (call.service === 'lambda' ? bytes.toString() : bytes) : blobOf(bytes)
  }
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, decoded(one, call)]))
}

module.exports = { decoded, encoded, listen, read, streams, write }
