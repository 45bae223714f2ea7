'use strict'
/**
 * The few calls that the outbox makes itself: objects of claims, answers to task tokens, starts of workflows.
 *
 * It brings no SDK: it takes the handler's own, of version 3 or 2, else that of Lambda's runtime.
 */
const { createRequire } = require('node:module')
const path = require('node:path')
const { own } = require('./effects.js')

const PACKAGES = { s3: ['@aws-sdk/client-s3', 'S3Client', 'S3'], sfn: ['@aws-sdk/client-sfn', 'SFNClient', 'StepFunctions'] }
const clients = new Map()
let home = process.cwd()

/** Says where the handler is, whose modules are looked at first. */
function near(file) {
  home = path.dirname(file)
}

/** A module as the handler would find it; undefined where it is not there. */
function found(name) {
  const folders = [home, process.env.LAMBDA_TASK_ROOT, '/var/runtime', '/opt/nodejs', __dirname].filter(Boolean)
  for (const folder of folders) {
    try {
      return createRequire(path.join(folder, 'untangle.js'))(name)
    } catch (error) {
      if (error.code !== 'MODULE_NOT_FOUND') throw error
    }
  }
  return undefined
}

function clientOf(service) {
  const [name, type, second] = PACKAGES[service]
  const three = found(name)
  if (three) {
    const client = new three[type]({})
    return (operation, params) => client.send(new three[`${operation}Command`](params))
  }
  const two = found('aws-sdk')
  if (!two) throw new Error(`the outbox needs ${name}, which is neither in the function nor in its runtime`)
  const client = new two[second]()
  return (operation, params) => client[operation[0].toLowerCase() + operation.slice(1)](params).promise()
}

/** Makes one call of `s3` or `sfn`, which is nobody's effect. */
function ask(service, operation, params) {
  if (!clients.has(service)) clients.set(service, clientOf(service))
  return own(() => clients.get(service)(operation, params))
}

/** The code of an error, as either version of the SDK gives it. */
const codeOf = (error) => String(error?.code ?? error?.name ?? '')

module.exports = { ask, codeOf, found, near }
