'use strict'
/**
 * Runs one function's handler for a simulation that talks to it in lines of JSON (see `wire`).
 *
 * In come `{load: {file, folders, module, names, root, layers, translated, outbox, environment, now, seed}}`, `{invoke: {event, context, seconds, now, seed, environment}}` and the
 * answers to calls, `{id, response}` or `{id, error: {code, message, status, fields}}`. Out go `{loaded: {again}}` (whether it can load once more, as if it were new),
 * `{unable: reason}`, `{untranslated: file}` (to be loaded again with the texts), `{said: text}` (of the console), `{call: {id, stage, service, operation, params}}` with `stage` "before" (a call of the handler's, before any outbox
 * sees it), "after" or "api" (to be carried out), and `{answer, seconds}` or `{error: {type, message, trace, timed_out}, seconds}`.
 */
const path = require('node:path')
const wire = require('./wire.js')
const times = require('./times.js')
const closed = require('./closed.js')
const sources = require('./sources.js')
const { standIn } = require('./standin.js')
const sdk = require('../../../runtime/node/sdk.js')

const { setImmediate: soon, setTimeout: later } = times.real
const outstanding = new Map() // calls that wait for the simulation's answer
let count = 0
let running // the invocation that is under way

process.on('unhandledRejection', (error) => running?.settle({ error: failureOf(error, 'Runtime.UnhandledPromiseRejection') }))
process.on('uncaughtException', (error) => (running ? running.settle({ error: failureOf(error) }) : wire.write({ failed: failureOf(error) })))
process.exit = (code) => {
  running?.settle({ error: { type: 'Runtime.ExitError', message: `Runtime exited with ${code ? `error: exit status ${code}` : 'no error'}`, trace: [] } })
  throw Object.assign(new Error('the handler ends its process'), { name: 'Runtime.ExitError' })
}

// ---- calls ----

/** Has the simulation answer: the response of a call, or nothing for the stages before and after it. */
async function ask(stage, call) {
  if (wire.streams(call.params)) Object.assign(call.params, await wire.read(call.params)) // a stream can be read once
  const { params } = call
  const id = ++count
  const answered = new Promise((resolve, reject) => outstanding.set(id, { resolve, reject, call }))
  wire.write({ call: { id, stage, service: call.service, operation: call.operation, params: wire.encoded(params) ?? {} } })
  return answered
}

function heard({ id, response, error }) {
  const { resolve, reject, call } = outstanding.get(id)
  outstanding.delete(id)
  if (error) reject(call.sdk === 'v2' ? secondError(error) : thirdError(call.client, error))
  else resolve(response === undefined ? undefined : wire.decoded(response, call))
}

const QUERY = { 'AWS.SimpleQueueService.NonExistentQueue': 'QueueDoesNotExist' }
/** An error as version 3 has it: of the class that the client's package has for it. */
function thirdError(client, { code, message, status, fields }) {
  const name = QUERY[code] ?? (code === '404' ? 'NotFound' : code)
  const type = sdk.exported(client, name) ?? sdk.exported(client, `${name}Exception`)
  const $metadata = { httpStatusCode: status, requestId: 'untangle', attempts: 1, totalRetryDelay: 0 }
  const whole = { ...fields, message, $metadata, $fault: status >= 500 ? 'server' : 'client' }
  const made = typeof type === 'function' && type.prototype instanceof Error ? new type(whole) : new Error(message)
  return Object.assign(made, fields, { name, Code: code, message, $metadata, $fault: whole.$fault })
}

const secondError = ({ code, message, status, fields }) => Object.assign(new Error(message), fields, { code: code === '404' ? 'NotFound' : code, name: code, statusCode: status, retryable: false, requestId: 'untangle', time: new Date() })

sdk.intercept({ wants: () => true, offline: true, around: (call) => ask('api', call) })
sdk.intercept({
  wants: () => running !== undefined,
  top: true,
  offline: true,
  around: async (call, next) => {
    await ask('before', call)
    const response = await next()
    await ask('after', call)
    return response
  },
})

// ---- loading ----

let handler
let home = '/var/task' // where the user's code lies
/** Makes the process what it was before it loaded anything: the modules of the SDK, which keep nothing, stay. */
function forget(environment) {
  for (const name of Object.keys(require.cache)) if (!OURS.has(name) && !/[\\/]node_modules[\\/](@aws-sdk|@smithy)[\\/]/.test(name)) delete require.cache[name]
  for (const name of Object.getOwnPropertyNames(globalThis)) if (!GLOBALS.has(name)) delete globalThis[name]
  for (const name of ['beforeExit', 'exit', 'SIGTERM', 'SIGINT']) process.removeAllListeners(name)
  for (const name of Object.keys(process.env)) delete process.env[name]
  Object.assign(process.env, environment)
  times.clear()
}

async function load({ file: given, folders, module, names, root, layers, translated, outbox, environment, now, seed }) {
  forget(environment)
  home = root || home
  times.begin(now)
  times.seed(seed)
  const file = given ?? sources.fileOf(folders, module, root)
  sources.follow(file, layers)
  const exports = await sources.moduleOf(file, root, translated)
  const found = names.reduce((value, one) => value?.[one] ?? value?.default?.[one], exports)
  if (typeof found !== 'function') throw new sources.Unable(`${names.join('.')} of ${path.relative(root, file)} is not a function`)
  if (!outbox) return planted(found)
  const { stand } = require('../../../runtime/node/outbox.js')
  return stand(planted(found), file)
}

/** The handler, which fails when it is through where that is planted: below any outbox, as a fault of its own would. */
function planted(found) {
  const fail = () => {
    const [name, message] = running?.fails ?? []
    if (name) throw Object.assign(new Error(message), { name, stack: '' })
  }
  return function handled(event, context, callback) {
    if (!running?.fails) return found.apply(this, arguments)
    const answered = found.call(this, event, context, (error, answer) => {
      try {
        if (!error) fail()
        callback(error, answer)
      } catch (fault) {
        callback(fault)
      }
    })
    return typeof answered?.then === 'function' ? answered.then((answer) => { fail(); return answer }) : answered
  }
}

// ---- invocations ----

const OWN = path.join(__dirname, '..')
// The lines of a trace, the user's own where they would be in Lambda.
const traced = (stack) => String(stack ?? '').split('\n').slice(1).map((line) => line.trim().replaceAll(home, '/var/task')).filter((line) => !line.includes(OWN) && !line.includes('(node:internal'))
const failureOf = (error, type) => (error instanceof Error
  ? { type: type ?? error.name ?? 'Error', message: String(error.message), trace: traced(error.stack) }
  : { type: typeof error === 'object' && error?.name ? String(error.name) : typeof error, message: typeof error === 'object' ? String(error?.message ?? JSON.stringify(error)) : String(error), trace: [] })

/** What is under way in Node itself that may still wake the handler. */
const busy = () => process.getActiveResourcesInfo().some((name) => !/^(PipeWrap|TTYWrap|Timeout|Immediate|MessagePort|FSEventWrap)$/.test(name))

class Running {
  constructor({ event, context, seconds, fails }) {
    Object.assign(this, { event, fails, given: context, limit: seconds * 1000, settled: undefined, idle: 0 })
  }

  /** The first outcome counts. */
  settle(outcome) {
    this.settled ??= outcome
  }

  context() {
    const { given, limit } = this
    const done = (error, result) => this.settle(error ? { error: failureOf(error) } : { answer: result, called: true })
    return {
      callbackWaitsForEmptyEventLoop: true,
      ...given,
      getRemainingTimeInMillis: () => Math.max(0, limit - times.passed()),
      done,
      succeed: (result) => done(null, result),
      fail: (error) => done(error ?? new Error('failed')),
    }
  }

  begin() {
    this.given = this.context()
    try {
      const returned = handler(this.event, this.given, this.given.done)
      this.promised = typeof returned?.then === 'function'
      if (this.promised) returned.then((answer) => this.settle({ answer }), (error) => this.settle({ error: failureOf(error) }))
    } catch (error) {
      this.settle({ error: failureOf(error) })
    }
    soon(() => this.step())
  }

  /** Goes on until there is an outcome: waits for calls, then lets time pass, then says that nothing is left to do. */
  step() {
    if (this !== running) return
    if (this.settled && !(this.settled.called && this.given.callbackWaitsForEmptyEventLoop && this.lively())) return this.end()
    if (outstanding.size) return undefined // the answer goes on
    if (busy()) return later(() => this.step(), 1)
    if (this.idle++ < 2) return soon(() => this.step()) // what has just been answered comes first
    if (!times.waiting()) return this.empty()
    this.idle = 0
    if (!times.fire(this.until())) return this.late()
    return soon(() => this.step())
  }

  until() { return Date.now() - times.passed() + this.limit }
  lively() { return outstanding.size > 0 || times.waiting() || busy() }

  /** Nothing is left to do, and there is no outcome: an answer of null, or the end of a process that waits for nothing. */
  empty() {
    if (!this.told) {
      this.told = true
      this.idle = 0
      process.emit('beforeExit', 0)
      return soon(() => this.step())
    }
    if (!this.promised) this.settle({ answer: null })
    else this.settle({ error: { type: 'Runtime.ExitError', message: 'Runtime exited without providing a reason', trace: [] } })
    return this.end()
  }

  late() {
    this.settled = { error: { type: 'Sandbox.Timedout', message: `${this.given.awsRequestId} Task timed out after ${(this.limit / 1000).toFixed(2)} seconds`, trace: [], timed_out: true } }
    return this.end(this.limit / 1000)
  }

  end(seconds = times.passed() / 1000) {
    running = undefined
    const { answer, error } = this.settled
    const network = closed.refused.splice(0)
    try {
      wire.write(error ? { error, seconds, network } : { answer: answer === undefined ? null : JSON.parse(JSON.stringify(answer) ?? 'null'), seconds, network })
    } catch (broken) {
      wire.write({ error: { type: 'Runtime.MarshalError', message: `Unable to stringify response body as json: ${broken.message}`, trace: [] }, seconds, network })
    }
  }
}

function message(document) {
  if (document.load) {
    load(document.load).then(
      (found) => { handler = found; wire.write({ loaded: { again: !sources.lasting() } }) },
      (error) => wire.write(error instanceof sources.Untranslated ? { untranslated: error.file } : error instanceof sources.Unable ? { unable: error.message } : { failed: failureOf(error), network: closed.refused.splice(0) }),
    )
  } else if (document.invoke) {
    Object.assign(process.env, document.invoke.environment)
    times.begin(document.invoke.now)
    times.seed(document.invoke.seed)
    running = new Running(document.invoke)
    running.begin()
  } else {
    heard(document)
    const invocation = running
    if (invocation) {
      invocation.idle = 0
      soon(() => invocation.step())
    }
  }
}

for (const stream of [process.stdout, process.stderr]) {
  stream.write = (chunk, encoding, done) => {
    wire.write({ said: typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString() })
    const called = typeof encoding === 'function' ? encoding : done
    if (called) soon(called)
    return true
  }
}
globalThis[Symbol.for('untangle.standIn')] = standIn
wire.listen(message)
closed.close()
times.install()
require('../../../runtime/node/outbox.js')
const OURS = new Set(Object.keys(require.cache))
const GLOBALS = new Set(Object.getOwnPropertyNames(globalThis))
