'use strict'
/**
 * Keeps a call that the outbox could not see from going out in an invocation that a workflow drives.
 *
 * An SDK in a bundle is invisible to it. Its requests are not: they are signed, and the signature names the service
 * (`Credential=…/20260101/eu-west-1/sqs/aws4_request`; AWS general reference, "Signature Version 4"). A request to a service whose
 * calls are held back fails where it did not come through an SDK that is watched, and so does the invocation.
 */
const http = require('node:http')
const { passing } = require('./sdk.js')
const { recording } = require('./effects.js')

const SCOPE = /Credential=[^/]+\/\d{8}\/[^/]+\/([^/]+)\/aws4_request/

class Unseen extends Error {
  constructor(service) {
    super(`a call of ${service} was about to leave unseen: the AWS SDK is in the handler's own bundle; keep it out (external: ['@aws-sdk/*', 'aws-sdk'])`)
    this.name = 'Untangle.UnseenCall'
  }
}

/** The services, as signatures name them, of the targets that are held back. */
function servicesOf(capture) {
  const found = new Set()
  for (const target of capture) {
    const arn = /^arn:[^:]*:([\w-]+):/.exec(target)
    if (/^https?:\/\//.test(target)) found.add('sqs')
    else if (arn?.[1] === 'lambda') found.add('lambda').add('scheduler')
    else if (arn) found.add(arn[1])
    else for (const one of ['events', 'lambda', 'kinesis']) found.add(one) // a name alone: of a bus, a function or a stream
  }
  return found
}

/** Throws for a signed request that nobody has seen. */
function check(request) {
  const held = recording()
  if (!held?.asked.capture.length || passing.getStore()) return
  const service = SCOPE.exec(String(request.getHeader('authorization') ?? ''))?.[1]
  if (!service || !servicesOf(held.asked.capture).has(service)) return
  held.failure ??= new Unseen(service)
  request.destroy(held.failure)
  throw held.failure
}

let standing = false
/** Puts the guard before Node's own requests, once. */
function watchRequests() {
  if (standing) return
  standing = true
  for (const name of ['write', 'end']) {
    const original = http.ClientRequest.prototype[name]
    http.ClientRequest.prototype[name] = function guarded(...args) {
      if (!this.headersSent) check(this)
      return original.apply(this, args)
    }
  }
}

module.exports = { Unseen, servicesOf, watchRequests }
