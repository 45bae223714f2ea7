'use strict'
/**
 * The outbox for Node.js: stands before a function's handler and hands the calls that a workflow carries on with to the workflow.
 *
 * `_HANDLER` names this file's `handler`, `UNTANGLE_HANDLER` the function's own, as `_HANDLER` named it. What is done, and when,
 * is the contract that `untangle.emit.asl.states.marker` and `untangle.emit.asl.entry` describe: with the marker in the client
 * context (`custom.untangle`; Node's runtime also calls it `Custom`) the answer is `{return, effects}`; with `UNTANGLE_START` the
 * workflow is started with the effects; for records with a task token it is answered. Without any of them, and with no claim in
 * the event, the handler is called as if nothing stood before it.
 *
 * `UNTANGLE_RECORD` (any text): each invocation that nobody drives writes its effects to the log as one line of JSON,
 * `{"untangle": {"request", "event", "effects"}}`, with every call made as it is.
 *
 * Seen are the calls of the AWS SDK for JavaScript, version 3 and 2. One that a bundler has put into the handler's own file is not
 * (`external: ['@aws-sdk/*']` keeps it out): a marked invocation that sends a signed request of its own to a service that the
 * marker is about fails, before the request leaves, so that nothing is done twice. Functions that answer with a stream are not
 * supported. Plain JavaScript with nothing but Node.js 18 or later below it.
 */
const { load } = require('./load.js')
const { invoke } = require('./invoke.js')
const { recorded, install } = require('./effects.js')
const { deposit, mentions, restore } = require('./claims.js')
const { ask, codeOf, near } = require('./own.js')
const { look } = require('./sdk.js')
const { answered, waiting } = require('./tokens.js')
const { traced } = require('./trace.js')
const { watchRequests } = require('./guard.js')

class BatchItemFailures extends Error {
  constructor(failures) {
    super(`${failures.length} of the records failed: ${failures.map((one) => one?.itemIdentifier).join(', ')}`)
    this.name = 'Untangle.BatchItemFailures'
  }
}

let loading
let loaded
/** Loads the function's own handler, once; a load that fails is tried again, as Lambda would. */
function ready() {
  loading ??= load(process.env.UNTANGLE_HANDLER ?? '').then(
    (found) => {
      near(found.file)
      loaded = found
      return found
    },
    (error) => {
      loading = undefined
      throw error
    },
  )
  return loading
}

/** The marker in the client context; undefined where there is none. */
function markerOf(context) {
  const given = context?.clientContext
  return given?.custom?.untangle ?? given?.Custom?.untangle
}

/** Runs the handler with its calls recorded: `{return, effects}`. */
async function driven(event, context, asked, request = context?.awsRequestId ?? '') {
  const { handler } = await ready()
  look()
  const invocation = { request, arn: context?.invokedFunctionArn }
  const { result, effects } = await recorded(asked, invocation, () => traced(asked, event, () => invoke(handler, event, context)))
  if (asked.partial && result?.batchItemFailures?.length) throw new BatchItemFailures(result.batchItemFailures)
  return { return: result ?? null, effects: await deposit(effects, asked.claim, asked.capture ?? []) }
}

/** Runs a function that stays outside, and then starts the workflow with its effects. */
async function starting(event, context, asked) {
  const answer = await driven(event, context, asked)
  const name = String(context?.awsRequestId ?? '').replace(/[^A-Za-z0-9_-]/g, '-').slice(0, 80)
  const input = JSON.stringify({ entry: asked.entry, effects: answer.effects })
  try {
    await ask('sfn', 'StartExecution', { stateMachineArn: asked.stateMachine, name, input })
  } catch (error) {
    if (codeOf(error) !== 'ExecutionAlreadyExists') throw error // the request is tried again, and has started it
  }
  return answer.return
}

async function noting(event, context) {
  const answer = await driven(event, context, { every: true })
  process.stdout.write(`${JSON.stringify({ untangle: { request: context?.awsRequestId, event, effects: answer.effects } })}\n`)
  return answer.return
}

/** Runs an event that no workflow drives. */
async function plainly(event, context) {
  if (process.env.UNTANGLE_START) return starting(event, context, JSON.parse(process.env.UNTANGLE_START))
  if (process.env.UNTANGLE_RECORD) return noting(event, context)
  return invoke((await ready()).handler, event, context)
}

async function run(event, context) {
  await ready()
  const whole = await restore(event)
  const asked = markerOf(context)
  if (asked) return driven(whole, context, asked)
  if (!waiting(whole)) return plainly(whole, context)
  const one = async (alone, marker, id) => driven(alone, context, { partial: true, ...marker }, `${context?.awsRequestId}-${id}`)
  return answered(whole, (rest) => plainly(rest, context), one)
}

/** Whether the handler can be called as if nothing stood before it. */
const untouched = (event, context) => loaded && !markerOf(context) && !process.env.UNTANGLE_START && !process.env.UNTANGLE_RECORD && !waiting(event) && !mentions(event)

/** What `_HANDLER` names. It has two parameters: runtimes refuse functions that ask for a callback. */
exports.handler = function handler(event, context) {
  return untouched(event, context) ? loaded.handler.apply(this, arguments) : run(event, context)
}

/** Stands before a handler that somebody else has loaded from `file`; gives what is to be called in its place. */
exports.stand = function stand(handler, file) {
  near(file)
  loaded = { handler, file }
  loading = Promise.resolve(loaded)
  return exports.handler
}

install()
watchRequests()
// Loads the handler while the environment is made, where that costs nothing; what goes wrong is told to the first invocation.
if (process.env.UNTANGLE_HANDLER && !process.env.UNTANGLE_SIMULATED) ready().catch(() => {})
