'use strict'
/**
 * Record mode: every write that could be a hop is written down, one line of JSON each, and nothing is changed.
 *
 * `UNTANGLE_RECORD` says where: `stdout`, `stderr` or a file. Of messages only the shape and the size are kept, names of fields and
 * types of values, as a contract needs them; with `UNTANGLE_RECORD_VALUES=1` the effect itself, values and all.
 */
const fs = require('node:fs')

const JSONS = new Set(['MessageBody', 'Message', 'Detail', 'Payload', 'Input'])
const NAMED = new Set(['QueueUrl', 'TopicArn', 'TargetArn', 'EventBusName', 'FunctionName', 'StreamName', 'TableName', 'Bucket', 'DetailType', 'Source'])
const DEEPEST = 16

/** The shape of a value: the name of its type, its fields, or the shapes of its items, each once. */
function shape(value, depth = 0) {
  if (depth > DEEPEST) return 'any'
  if (value === null || value === undefined) return 'null'
  if (Array.isArray(value)) {
    const found = new Map(value.map((one) => shape(one, depth + 1)).map((one) => [JSON.stringify(one), one]))
    return [...found.values()]
  }
  if (typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, shape(one, depth + 1)]))
  return typeof value
}

function ofText(value) {
  if (typeof value !== 'string') return shape(value)
  try {
    return { json: shape(JSON.parse(value)) }
  } catch {
    return 'string'
  }
}

/** An effect without its values. */
function shaped({ params, ...effect }) {
  const kept = Object.fromEntries(['id', 'service', 'op', 'at', 'size'].filter((name) => effect[name] !== undefined).map((name) => [name, effect[name]]))
  const isNamed = ([name, value]) => NAMED.has(name) && typeof value === 'string'
  const entries = Object.entries(params)
  const rest = entries.filter((one) => !isNamed(one)).map(([name, value]) => [name, JSONS.has(name) ? ofText(value) : shape(value)])
  return { ...kept, params: Object.fromEntries(entries.filter(isNamed)), shape: Object.fromEntries(rest) }
}

/** Writes effects down. */
function record(effects) {
  const where = process.env.UNTANGLE_RECORD
  for (const effect of effects) {
    const kept = process.env.UNTANGLE_RECORD_VALUES === '1' ? effect : shaped(effect)
    const line = `${JSON.stringify({ untangle: 'effect', function: process.env.AWS_LAMBDA_FUNCTION_NAME ?? null, ...kept })}\n`
    if (where === 'stdout' || where === 'stderr') process[where].write(line)
    else fs.appendFileSync(where, line)
  }
}

module.exports = { record, shaped }
