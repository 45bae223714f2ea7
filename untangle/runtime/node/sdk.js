'use strict'
/**
 * The one place where calls of the AWS SDKs are seen: `Client.prototype.send` of version 3, and the requests of version 2.
 *
 * `intercept` puts an interceptor above those that are there. It is asked `wants(call)`; where it says so, `around(call, next)`
 * takes the place of the call and gives its answer; `begin(call)`, where it is there, hears at once of a call of version 2, whose
 * turn comes later, and gives a function for its end; `offline` says that no credentials are needed. `call` is `{sdk, service, operation, params, document, client}`: the service
 * as botocore names it, the operation as the API does, the parameters in wire form (a document client's plain values have become
 * attribute values). `next(change)` lets the call go on, with parameters changed or (undefined) left away, and gives the response
 * in wire form. Nothing else of the call is touched, and a call that nobody wants runs as if this file were not there.
 *
 * SDKs are found among the modules that are loaded, by their shape, whenever a module of theirs has been loaded: several copies,
 * nested ones, those of a layer or of the runtime. One that a bundler has put into the handler's own file cannot be found.
 */
const Module = require('node:module')
const { AsyncLocalStorage, AsyncResource } = require('node:async_hooks')
const { Readable } = require('node:stream')
const { marshal, unmarshal } = require('./attributes.js')
const SERVICES = require('./services.json')

const interceptors = [] // the last one is asked first
const depth = new AsyncLocalStorage() // below which interceptor a call was made
const passing = new AsyncLocalStorage() // true below an SDK's own send
const patched = new WeakSet()
const packages = [] // what the packages of version 3 export, to find operations by name
const OWN = /[\\/](@aws-sdk|@smithy)[\\/]|[\\/]aws-sdk[\\/]/

/** Adds an interceptor above those that are there, but for one that is `top`; gives a function that takes it away. */
function intercept(interceptor) {
  const top = interceptors.at(-1)?.top ? interceptors.length - 1 : interceptors.length
  interceptors.splice(top, 0, interceptor)
  watch()
  return () => interceptors.splice(interceptors.indexOf(interceptor), 1)
}

/** Runs `work` so that its calls are seen only by what is below this interceptor. */
const below = (interceptor, work) => depth.run(interceptors.indexOf(interceptor), work)

/** botocore's name of a service, from the id that its model has in all SDKs. */
const serviceName = (id) => SERVICES[id] ?? String(id).toLowerCase().replace(/\s+/g, '')

const chosen = (call) => {
  for (let at = Math.min(depth.getStore() ?? interceptors.length, interceptors.length) - 1; at >= 0; at--) {
    if (interceptors[at].wants(call)) return at
  }
  return -1
}

/** The answer of the interceptor at `at`, which may go on to those below it and, last, to `outward`. */
function through(at, call, outward) {
  const next = (change) => {
    const params = change ? { ...call.params, ...change } : call.params
    const changed = { ...call, params, change: change ? { ...call.change, ...change } : call.change }
    return depth.run(at, () => {
      const below = chosen(changed)
      return below < 0 ? outward(changed.change) : through(below, changed, outward)
    })
  }
  return depth.run(at, async () => interceptors[at].around(call, next))
}

/** Has the interceptors carry out a call that no SDK makes. */
function perform(call) {
  const at = chosen(call)
  if (at < 0) return Promise.reject(new Error(`nobody carries out ${call.service}:${call.operation}`))
  return through(at, call, async () => { throw new Error(`${call.service}:${call.operation} cannot go out`) })
}

// ---- version 3 ----

/** Puts interception into a class of clients: into whichever of its ancestors has `send`. */
function patchClient(type) {
  let shape = type?.prototype
  while (shape && !Object.hasOwn(shape, 'send')) shape = Object.getPrototypeOf(shape)
  if (!shape || patched.has(shape)) return
  patched.add(shape)
  const original = shape.send
  shape.send = function send(command, options, callback) {
    const done = typeof options === 'function' ? options : callback
    const call = callOf(this, command)
    const at = call ? chosen(call) : -1
    if (at < 0) return passing.run(true, () => original.apply(this, arguments))
    const rest = typeof options === 'function' || options === undefined ? [] : [options]
    const outward = async (change) => {
      const output = await passing.run(true, () => original.call(this, change ? changedCommand(command, change) : command, ...rest))
      return call.document ? marshal(output, this.config?.translateConfig?.marshallOptions) : output
    }
    const answered = through(at, call, outward).then((output) => native(call, this, output))
    if (!done) return answered
    answered.then((output) => done(null, output), (error) => done(error)).catch(() => {})
  }
}

function callOf(client, command) {
  const inner = command?.clientCommand ?? command
  const operation = command?.untangleOperation ?? inner?.constructor?.name.replace(/(Command)?(\$\d+)?$/, '')
  const id = client?.config?.serviceId
  if (!operation || !id) return undefined
  const document = Boolean(command.clientCommand)
  const input = command.input ?? {}
  const params = document ? marshal(input, client.config.translateConfig?.marshallOptions) : input
  return { sdk: 'v3', service: serviceName(id), operation, params, document, client, command }
}

function changedCommand(command, change) {
  const made = new command.constructor({ ...command.input, ...change })
  if (command.untangleOperation) made.untangleOperation = command.untangleOperation
  return made
}

/** A response as the handler's client would have given it. */
function native(call, client, output) {
  const plain = call.document ? unmarshal(output, client.config?.translateConfig?.unmarshallOptions) : output
  if (plain && plain.$metadata === undefined) plain.$metadata = { httpStatusCode: 200, requestId: 'untangle', attempts: 1, totalRetryDelay: 0 }
  return plain
}

/** What of a package of version 3 has this name, for the service of this client: `GetItemCommand`, an error's class. */
function exported(client, name) {
  const type = client?.constructor
  const document = /^DynamoDBDocument/.test(type?.name) && !name.endsWith('Command')
  const found = packages.find((one) => (document ? Object.hasOwn(one, 'DynamoDBClient') : Object.values(one).includes(type)))
  return found?.[name]
}

/** Another call with the client of this one, in wire form, for the same interceptors as are below. */
async function beside(call, operation, params) {
  if (call.sdk === 'v2') return call.client[operation[0].toLowerCase() + operation.slice(1)](params).promise()
  const name = call.document ? operation.replace(/Item$/, '') : operation
  const type = exported(call.client, `${name}Command`)
  if (!type) throw new Error(`the SDK has no ${name}Command`)
  const translate = call.client.config?.translateConfig ?? {}
  const output = await call.client.send(new type(call.document ? unmarshal(params, translate.unmarshallOptions) : params))
  return call.document ? marshal(output, translate.marshallOptions) : output
}

// ---- version 2 ----

/** Puts interception into the requests of an `AWS` of version 2. */
function patchRequests(AWS) {
  const shape = AWS.Request.prototype
  if (patched.has(shape)) return
  patched.add(shape)
  const original = shape.runTo
  shape.runTo = function runTo(state, done) {
    if (state === undefined && interceptors.length && !this.untangled) steer(this)
    return passing.run(true, () => original.call(this, state, done))
  }
}

/** Lets the request's own events, in their order, lead it past the interceptors once its parameters are in wire form. */
function steer(request) {
  request.untangled = true
  const { service, operation, _events: events } = request
  const call = { sdk: 'v2', service: serviceName(service.api.serviceId ?? service.serviceIdentifier), operation: operation[0].toUpperCase() + operation.slice(1), params: request.params, document: false, client: service }
  const at = chosen(call)
  if (at < 0) return
  const protocol = service.serviceInterface()._events
  const without = (name) => (events[name] ?? []).filter((one) => !(protocol[name] ?? []).includes(one))
  let answered
  let sent
  const ended = interceptors[at].begin?.(call)
  const hook = asynchronous(AsyncResource.bind((ignored, proceed) => {
    const outward = (change) => new Promise((resolve, reject) => {
      applyChange(request, change)
      sent = { resolve, reject }
      proceed()
    })
    answered = through(at, { ...call, params: request.params }, outward)
    answered.then((data) => !sent && held(request, without, data, proceed), (error) => !sent && proceed(asError(error)))
  }))
  if (interceptors[at].offline) events.validate = without('validate').filter((one) => !/^VALIDATE_(CREDENTIALS|REGION)$/.test(one.name))
  events.validate = [...(events.validate ?? []), hook]
  events.extractData = [
    ...(events.extractData ?? []).filter((one) => (protocol.extractData ?? []).includes(one)),
    asynchronous((response, proceed) => {
      if (!sent) return proceed()
      answered.then((data) => { response.data = data; proceed() }, (error) => proceed(asError(error)))
      sent.resolve(response.data)
    }),
    ...without('extractData'),
  ]
  request.on('error', (error) => { sent?.reject(error); answered?.catch(() => {}) })
  if (ended) request.on('complete', ended)
}

const asynchronous = (listener) => Object.assign(function untangle(...args) { listener(args[0], args[args.length - 1]) }, { _isAsync: true })
const asError = (error) => (error instanceof Error ? error : new Error(String(error)))
function applyChange(request, change) {
  for (const [name, value] of Object.entries(change ?? {})) {
    if (value === undefined) delete request.params[name]
    else request.params[name] = value
  }
}

/** The request ends with this answer, and nothing is sent. */
function held(request, without, data, proceed) {
  const events = request._events
  for (const name of ['build', 'afterBuild', 'sign', 'validateResponse']) events[name] = []
  events.send = [asynchronous((response, done) => {
    response.httpResponse.statusCode = 200
    if ((events.httpHeaders ?? []).some((one) => one.name === 'streamHeaders')) { // createReadStream
      response.httpResponse.createUnbufferedStream = () => Readable.from([data.Body ?? ''])
      request.emit('httpHeaders', [200, {}, response, 'OK'])
    }
    done()
  })]
  events.extractData = [(response) => { response.data = data }, ...without('extractData').filter((one) => one.name !== 'untangle')]
  proceed()
}

// ---- finding them ----

/** Looks at one loaded module. */
function seen(filename, exports) {
  if (!OWN.test(filename) || exports === null || typeof exports !== 'object' && typeof exports !== 'function') return
  if (typeof exports.Request === 'function' && typeof exports.Service === 'function' && exports.EventListeners) return patchRequests(exports)
  let clients = 0
  for (const name of Object.keys(exports)) {
    if (!/Client$/.test(name)) continue
    const found = exports[name]
    if (typeof found === 'function' && typeof found.prototype?.send === 'function' && typeof found.prototype.destroy === 'function') {
      patchClient(found)
      clients += 1
    }
  }
  if (clients && !packages.includes(exports)) packages.push(exports)
}

let known = -1
/** Looks at all modules that are loaded. */
function look() {
  const names = Object.keys(require.cache)
  if (names.length === known) return
  known = names.length
  for (const name of names) if (require.cache[name]?.loaded) seen(name, require.cache[name].exports)
}

let watching = false
function watch() {
  look()
  if (watching) return
  watching = true
  const load = Module.prototype.load
  Module.prototype.load = function untangled(filename) {
    const result = load.apply(this, arguments)
    seen(String(filename), this.exports)
    return result
  }
}

/** Tells of a package that stands in for one of the SDK. */
const announce = (exports) => { if (!packages.includes(exports)) packages.push(exports) }

module.exports = { passing, intercept, below, look, beside, exported, perform, patchClient, announce, serviceName }
