'use strict'
/**
 * Texts that are too large for a state: put into a bucket, and put back where a claim stands for one.
 *
 * A claim is the text `{"untangle-claim":"s3://BUCKET/KEY#SHA256"}`. Its key is made of the execution and the digest. It is opened
 * only where the object has that digest. The variable `UNTANGLE_CLAIMS` names the buckets that may be asked, with commas between
 * them; where it is not set any is, for who knows the digest of an object knows what it holds.
 */
const { ask } = require('./own.js')
const { md5, sha256 } = require('./calls.js')

const LARGE = 4096 // bytes of a text that a claim stands for
const LARGEST = 8_388_608 // bytes of an object that is taken for a message
const NAME = 'untangle-claim'
const FIELDS = ['MessageBody', 'Message', 'Detail', 'Payload']
const MARK = /\{\s*(\\*)"untangle-claim\1"\s*:\s*\1"(s3:\/\/[^"\\#]+#[0-9a-f]{64})\1"\s*\}/g

/** A claim whose text cannot be had. */
class ClaimError extends Error {
  constructor(message) {
    super(message)
    this.name = 'ClaimError'
  }
}

/** The effects with a claim in the place of each large text on the targets `claim.of`; `run` names the run in the keys. */
async function deposit(effects, claim, capture, run) {
  if (!claim?.bucket) return effects
  for (const effect of effects) {
    const field = FIELDS.find((name) => effect.params[name] !== undefined)
    if (!field || !claimable(effect, claim, capture)) continue
    const held = effect.params[field]
    const text = typeof held === 'string' ? held : JSON.stringify(held)
    if (Buffer.byteLength(text) <= LARGE) continue
    const digest = sha256(text)
    const Key = `untangle/${String(run).replace(/[^A-Za-z0-9_-]/g, '-').slice(0, 128)}/${digest}`
    await ask('s3', 'PutObject', { Bucket: claim.bucket, Key, Body: text, ContentType: 'text/plain; charset=utf-8' })
    const made = { [NAME]: `s3://${claim.bucket}/${Key}#${digest}` }
    effect.params[field] = typeof held === 'string' ? JSON.stringify(made) : made
    if (effect.ready?.md5 !== undefined) effect.ready.md5 = md5(effect.params[field])
  }
  return effects
}

/** Only what is held back, and is one message for all who get it. */
const claimable = (effect, { of = [] }, capture) => {
  const target = effectTarget(effect)
  return effect.params.MessageStructure === undefined && of.includes(target) && capture.includes(target)
}
const effectTarget = ({ params, service }) => params.QueueUrl ?? params.TopicArn ?? params.TargetArn ?? params.FunctionName ?? (service === 'events' ? params.EventBusName ?? 'default' : params.Target?.Arn)

/** Whether there may be a claim anywhere in an event. */
const mentions = (event) => JSON.stringify(event)?.includes(NAME) ?? false

/** The event with each claim replaced by what it stands for; the same event where there is none. */
async function restore(event) {
  if (!mentions(event)) return event
  return restored(event, new Map())
}

async function restored(value, texts) {
  if (typeof value === 'string') return inText(value, texts)
  if (Array.isArray(value)) {
    const made = []
    for (const one of value) made.push(await restored(one, texts))
    return made
  }
  if (value === null || typeof value !== 'object') return value
  const names = Object.keys(value)
  if (names.length === 1 && names[0] === NAME && typeof value[NAME] === 'string') return JSON.parse(await textOf(value[NAME], texts))
  const made = {}
  for (const name of names) made[name] = await restored(value[name], texts)
  if (typeof made.md5OfBody === 'string' && made.body !== value.body) made.md5OfBody = md5(made.body)
  return made
}

/** A text with each claim in it replaced, escaped as often as the claim is; a claim that is all of it becomes its text. */
async function inText(text, texts) {
  if (!text.includes(NAME)) return text
  let made = ''
  let from = 0
  for (const match of text.matchAll(MARK)) {
    let inner = await textOf(match[2], texts)
    const levels = Math.log2(match[1].length + 1)
    for (let level = 0; level < levels; level++) inner = JSON.stringify(inner).slice(1, -1)
    made += text.slice(from, match.index) + inner
    from = match.index + match[0].length
  }
  return made + text.slice(from)
}

/** The text that a claim stands for. */
async function textOf(claim, texts) {
  if (texts.has(claim)) return texts.get(claim)
  const [place, digest] = claim.slice('s3://'.length).split('#')
  const [Bucket, ...key] = place.split('/')
  const allowed = (process.env.UNTANGLE_CLAIMS ?? '').split(',').map((name) => name.trim()).filter(Boolean)
  if (allowed.length && !allowed.includes(Bucket)) throw new ClaimError(`the claim ${claim.slice(0, 200)} names a bucket that UNTANGLE_CLAIMS does not`)
  const { Body, ContentLength } = await ask('s3', 'GetObject', { Bucket, Key: key.join('/') })
  if (ContentLength > LARGEST) throw new ClaimError(`the object of the claim ${claim.slice(0, 200)} has ${ContentLength} bytes: no message is that large`)
  const text = typeof Body?.transformToString === 'function' ? await Body.transformToString() : Buffer.from(Body).toString()
  if (sha256(text) !== digest) throw new ClaimError(`the object of the claim ${claim.slice(0, 200)} is not the one that was put there`)
  texts.set(claim, text)
  return text
}

module.exports = { LARGE, deposit, mentions, restore }
