'use strict'
/**
 * The effects of one invocation: what is held back and answered, what goes out and is told of, and how both are reported.
 *
 * One `Recording` per invocation, found from its asynchronous context, so that invocations and what runs at the same time within
 * them do not touch each other. An effect's place is that of its call, whenever the answer comes.
 */
const { AsyncLocalStorage } = require('node:async_hooks')
const { below, beside, intercept } = require('./sdk.js')
const { plain, sizeOf, textOf } = require('./plain.js')
const { bytesOf, isBinary } = require('./attributes.js')
const calls = require('./calls.js')
const images = require('./images.js')
const { ready } = require('./ready.js')
const { check, refusedEntry } = require('./refuse.js')
const { matched } = require('./target.js')

const TEXTS = ['MessageBody', 'Message', 'Detail', 'Payload']
const JOBS = ['JobId', 'jobId', 'JobRunId', 'QueryExecutionId', 'ExecutionArn', 'executionArn', 'TaskId'] // what starts answer with

const current = new AsyncLocalStorage()

class Recording {
  /** `asked` is the marker, `request` the invocation's id, `arn` that of the function. */
  constructor(asked, { request, arn }) {
    this.asked = { ...asked, capture: asked.capture ?? [], observe: asked.observe ?? [] }
    this.request = request
    this.arn = arn
    this.slots = []
    this.held = new Set() // the effects of calls that were held back
    this.count = 0
    this.pending = new Set()
    this.failure = undefined // a call that was about to leave unseen
    this.sizes = new Map() // bytes of the parts of an upload, by its id
  }

  /** The effects, in the order of their calls, once all calls have been answered. */
  async effects() {
    while (this.pending.size) await Promise.allSettled([...this.pending])
    return this.slots.flat()
  }

  /** The effects of calls that went out: they have happened, whatever becomes of the run. */
  async told() {
    return (await this.effects()).filter((effect) => !this.held.has(effect))
  }

  /** What comes later is none of this run's. */
  close() {
    this.closed = true
  }

  /** A place for the effects of a call that has begun. */
  slot() {
    const slot = []
    this.slots.push(slot)
    return slot
  }

  id() {
    const id = `${this.request}#${this.count}`
    this.count += 1
    return id
  }

  /** Which list of the marker a message belongs to, and as what: `[list, target]`. */
  match(service, part) {
    const { capture, observe } = this.asked
    if (this.closed) return [undefined, undefined]
    const held = matched(service, part.target, capture)
    if (held !== undefined) return ['capture', held]
    const told = this.asked.every ? part.target : matched(service, part.target, observe)
    return told !== undefined ? ['observe', told] : [undefined, undefined]
  }

  job(call) {
    const name = `${call.service}:${call.operation}`
    return !this.closed && [...this.asked.capture, ...this.asked.observe].includes(name) ? name : undefined
  }

  /** Whether this call has anything to do with what the marker asks for. */
  wants(call) {
    if (call.service === 's3' && call.operation === 'UploadPart') return true
    if (this.job(call)) return true
    if (images.writes(call).some((part) => this.match(call.service, part)[0])) return true
    return calls.parts(call.service, call.operation, call.params).some((part) => this.match(call.service, part)[0])
  }

  /** One effect as it is reported. `part` is `{op, params}`. */
  effect(service, part, target, response, more = {}) {
    const made = { id: more.id ?? this.id(), service, op: part.op, params: reported(service, part, target), response: plain(response ?? {}), at: more.at ?? new Date().toISOString() }
    const text = TEXTS.map((name) => made.params[name]).find((one) => typeof one === 'string')
    if (text !== undefined) made.size = Buffer.byteLength(text)
    for (const name of ['size', 'oldImage', 'newImage']) if (more[name] !== undefined) made[name] = plain(more[name])
    const trace = process.env._X_AMZN_TRACE_ID
    if (trace && process.env.AWS_LAMBDA_FUNCTION_NAME) made.trace = trace
    if (this.asked.ready) made.ready = ready(made, target)
    return made
  }
}

/** The parameters as the workflow reads them: the target as the marker names it, a payload parsed, data in base64, no body. */
function reported(service, part, target) {
  const { Body, ...params } = plain(part.params)
  if (part.by && !part.by.includes('.')) params[part.by] = target
  if (service === 'kinesis') {
    const { Data } = part.params
    delete params.Data
    params.DataB64 = (isBinary(Data) ? bytesOf(Data) : Buffer.from(String(Data ?? ''))).toString('base64')
  }
  if (service === 'lambda' && part.op === 'Invoke') {
    delete params.Payload
    if (part.params.Payload !== undefined && part.params.Payload !== null) {
      const text = textOf(part.params.Payload)
      if (text) params.Payload = JSON.parse(text)
    }
  }
  return params
}

/** Carries out a call that the marker asks for: holds back, lets go, reports. Gives its response. */
async function around(recording, call, next) {
  if (call.service === 's3' && call.operation === 'UploadPart') return uploaded(recording, call, next)
  const slot = recording.slot()
  const at = new Date().toISOString()
  const job = recording.job(call)
  if (job) return started(recording, call, next, slot, { at, job })
  if (images.writes(call).length) return images.written(recording, call, next, slot, at)
  const found = calls.parts(call.service, call.operation, call.params).map((part) => {
    const [list, target] = recording.match(call.service, part)
    return { ...part, list, matched: target }
  })
  if (found.every((part) => part.list !== 'capture')) return told(recording, call, next, slot, { at, found })
  check(call)
  const rows = found.map((part) => (part.list === 'capture' ? answered(recording, call, part, slot, at) : undefined))
  if (calls.entriesOf(call.service, call.operation) === undefined) return rows[0]
  const away = found.filter((part) => part.list !== 'capture')
  const sent = away.length ? await told(recording, call, next, slot, { at, found: away, some: true }) : undefined
  return calls.joined(call, rows, away.map((part) => part.at), sent)
}

/** One message that is held back: its effect, and the answer to it. */
function answered(recording, call, part, slot, at) {
  const field = calls.entriesOf(call.service, call.operation)
  const refused = field && refusedEntry(call, call.params[field][part.at])
  if (refused) return refused
  const id = recording.id()
  const response = calls.responseTo(call.service, part, id)
  const effect = recording.effect(call.service, part, part.matched, response, { id, at })
  recording.held.add(effect)
  slot.push(effect)
  return part.id === undefined ? response : { Id: part.id, ...response }
}

/** The start of a job: one that is held back is answered with an id that nobody uses. */
async function started(recording, call, next, slot, { at, job }) {
  const held = recording.asked.capture.includes(job)
  const id = recording.id()
  const response = held ? Object.fromEntries(JOBS.map((name) => [name, calls.idOf(id)])) : await next()
  const effect = recording.effect(call.service, { op: call.operation, params: call.params }, job, response, { id, at })
  if (held) recording.held.add(effect)
  slot.push(effect)
  return response
}

/** What goes out, and is told of where it was taken. `some` says that others of the call's entries do not. */
async function told(recording, call, next, slot, { at, found, some }) {
  const field = calls.entriesOf(call.service, call.operation)
  const response = await next(some ? { [field]: found.map((part) => call.params[field][part.at]) } : undefined)
  const responses = calls.responsesOf(call.operation, found, response)
  for (const [index, part] of found.entries()) {
    if (part.list !== 'observe' || responses[index] === undefined) continue
    if (call.operation === 'DeleteObjects') slot.push(...deleted(recording, call, part, response, at))
    else {
      const size = call.service === 's3' ? await sizeOfObject(recording, call) : undefined
      slot.push(recording.effect(call.service, part, part.matched, responses[index], { at, size }))
    }
  }
  return response
}

/** Each object of a batch that is gone; a quiet batch answers only with those that are not. */
function deleted(recording, call, part, response, at) {
  const keyed = (items) => new Map((items ?? []).map((item) => [`${item.Key}|${item.VersionId ?? ''}`, item]))
  const [failed, answers] = [keyed(response.Errors), keyed(response.Deleted)]
  const { Delete, ...shared } = call.params
  const gone = [...keyed(Delete?.Objects)].filter(([key]) => !failed.has(key))
  return gone.map(([key, item]) => {
    const { DeleteMarker, DeleteMarkerVersionId } = answers.get(key) ?? {}
    const told = { DeleteMarker, VersionId: DeleteMarkerVersionId ?? item.VersionId }
    return recording.effect('s3', { op: 'DeleteObject', params: { ...shared, ...item }, by: part.by }, part.matched, told, { at })
  })
}

async function uploaded(recording, call, next) {
  const response = await next()
  const { UploadId, PartNumber, Body, ContentLength } = call.params
  const parts = recording.sizes.get(UploadId) ?? new Map()
  parts.set(PartNumber, sizeOf(Body, ContentLength))
  recording.sizes.set(UploadId, parts)
  return response
}

/** The bytes of the object that a call of S3 has written. */
async function sizeOfObject(recording, call) {
  const { params, operation } = call
  if (operation === 'PutObject') return sizeOf(params.Body, params.ContentLength)
  if (operation === 'CompleteMultipartUpload') {
    const parts = recording.sizes.get(params.UploadId)
    return parts ? [...parts.values()].reduce((sum, one) => sum + one, 0) : undefined
  }
  if (operation !== 'CopyObject') return undefined
  try { // what has been copied is known to S3 only; who may not ask does not learn it
    return (await beside(call, 'HeadObject', { Bucket: params.Bucket, Key: params.Key })).ContentLength
  } catch {
    return undefined
  }
}

const outbox = {
  wants: (call) => current.getStore()?.wants(call) ?? false,
  begin: () => {
    const { pending } = current.getStore()
    let end
    const ended = new Promise((resolve) => { end = resolve })
    pending.add(ended)
    return () => { pending.delete(ended); end() }
  },
  around: (call, next) => {
    const recording = current.getStore()
    const answered = around(recording, call, next)
    recording.pending.add(answered)
    const end = () => recording.pending.delete(answered)
    answered.then(end, end)
    return answered
  },
}

let installed = false
/** Puts the outbox into the SDKs, once. */
function install() {
  if (installed) return
  installed = true
  intercept(outbox)
}

/** Runs `work` as the outbox's own: its calls are no effects. */
function own(work) {
  install()
  return current.run(undefined, () => below(outbox, work))
}

/**
 * Runs `work` with its calls recorded, then gives what `answer` makes of `{result, effects}`; throws what either throws, or what
 * `failed` makes of that and of the effects of the calls that had gone out by then.
 */
async function recorded(asked, invocation, work, answer = (found) => found, failed = async (error) => error) {
  install()
  const recording = new Recording(asked, invocation)
  try {
    let effects
    let result
    try {
      result = await current.run(recording, work)
      effects = await recording.effects()
    } finally {
      recording.close()
    }
    if (recording.failure) throw recording.failure
    return await answer({ result, effects })
  } catch (error) {
    throw asked.failed ? await failed(error, await recording.told()) : error
  }
}

/** The recording that runs now, if any. */
const recording = () => current.getStore()

module.exports = { recorded, recording, install, own }
