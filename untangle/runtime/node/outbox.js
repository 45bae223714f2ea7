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
 * `UNTANGLE_RECORD` writes effects down and changes nothing (see `recorder`); `UNTANGLE_CLAIMS` names the buckets of claims.
 *
 * Seen are the calls of the AWS SDK for JavaScript, version 3 and 2. One that a bundler has put into the handler's own file is not
 * (`external: ['@aws-sdk/*']` keeps it out): a marked invocation that sends a signed request of its own to a service that the
 * marker is about fails, before the request leaves, so that nothing is done twice. Functions that answer with a stream are not
 * supported. Plain JavaScript with nothing but Node.js 18 or later below it.
 */
const { load } = require('./load.js')
const { invoke } = require('./invoke.js')
const { recorded, install } = require('./effects.js')
const { record } = require('./recorder.js')
const { deposit, mentions, restore } = require('./claims.js')
const { begin, inputOf } = require('./start.js')
const { withEffects } = require('./failed.js')
const { near } = require('./own.js')
const { look } = require('./sdk.js')
const { answered, waiting } = require('./tokens.js')
const { traced } = require('./trace.js')
const { watchRequests } = require('./guard.js')

const LARGEST = 262_144 // bytes of UTF-8 that a state takes (Step Functions guide, "Service quotas")
const AROUND = 2_048 // what Lambda's integration puts around the answer

/** The handler answered that messages failed, which would be a success to a state machine. */
class BatchItemFailures extends Error {
  constructor(failures) {
    super(JSON.stringify(failures))
    this.name = 'BatchItemFailures'
  }
}

/** The answer is larger than what a state takes. */
class AnswerTooLarge extends Error {
  constructor(size, effects) {
    const told = effects.map((effect) => [Buffer.byteLength(JSON.stringify(effect)), effect]).sort(([one], [other]) => other - one)
    const largest = told.slice(0, 3).map(([bytes, { op, id }]) => `${op} ${id} (${bytes} bytes)`).join(', ')
    super(`the effects of this run and its answer have ${size} bytes, and a state takes ${LARGEST}: ${largest || 'the answer alone'}. With a claim check (untangle propose --claim-check BUCKET) large messages go through a bucket`)
    this.name = 'AnswerTooLarge'
  }
}

/** The answer itself, where a state takes it. */
function fitting(answer) {
  const size = Buffer.byteLength(JSON.stringify(answer))
  if (size > LARGEST - AROUND) throw new AnswerTooLarge(size, answer.effects)
  return answer
}

/** The context without the marker: before, there was no client context. */
function unmarked(context) {
  const { untangle, ...custom } = context.clientContext.custom ?? context.clientContext.Custom ?? {}
  const { env, client } = context.clientContext
  const rest = Object.keys(custom).length || env || client ? { ...context.clientContext, custom, Custom: custom } : undefined
  return Object.create(context, { clientContext: { value: rest, enumerable: true, writable: true, configurable: true } })
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

/** Runs the handler with its calls recorded: what `then` makes of `{return, effects}`; `failed` is that of `recorded`. */
async function driven(event, context, asked, then, failed, request = context?.awsRequestId ?? '') {
  const { handler } = await ready()
  look()
  const invocation = { request, arn: context?.invokedFunctionArn }
  const shown = markerOf(context) ? unmarked(context) : context
  const work = () => traced(asked, event, () => invoke(handler, event, shown))
  const answer = async ({ result, effects }) => {
    if (asked.partial && result?.batchItemFailures?.length) throw new BatchItemFailures(result.batchItemFailures)
    const kept = await deposit(effects, asked.claim, asked.capture ?? [], asked.execution ?? request)
    return then({ return: result ?? null, effects: kept })
  }
  return recorded(asked, invocation, work, answer, failed)
}

/** The answer to a workflow, which takes over what a failed run has done too. */
const answering = (event, context, asked, request) => driven(event, context, asked, fitting, withEffects, request)

/** Runs a function that stays outside, and then starts the workflow with its effects. */
async function starting(event, context, asked) {
  const request = String(context?.awsRequestId ?? '')
  const within = (effects) => {
    const input = effects.length ? inputOf(asked, effects) : undefined // nothing would follow
    if (input !== undefined && Buffer.byteLength(input) > LARGEST) throw new AnswerTooLarge(Buffer.byteLength(input), effects)
    return input
  }
  const failed = async (error, told) => {
    try {
      await begin(asked, request, within(told), true)
    } catch (trouble) { // the run has an error of its own
      console.error(`untangle: the run failed after calls of it had gone out, and nothing follows them: ${trouble.message}`)
    }
    return error
  }
  const { answer, input } = await driven(event, context, asked, (answer) => ({ answer, input: within(answer.effects) }), failed)
  await begin(asked, request, input)
  return answer.return
}

async function noting(event, context) {
  const { handler } = await ready()
  look()
  const invocation = { request: context?.awsRequestId ?? '', arn: context?.invokedFunctionArn }
  const { result, effects } = await recorded({ every: true }, invocation, () => invoke(handler, event, context))
  record(effects)
  return result
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
  if (asked) return answering(whole, context, asked)
  if (!waiting(whole)) return plainly(whole, context)
  const one = (alone, marker, id) => answering(alone, context, { partial: true, ...marker }, id)
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
