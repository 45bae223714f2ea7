'use strict'
/**
 * Virtual time and seeded chance for a handler: `Date` tells the simulation's time, timers are due at once but in their order, and
 * what is random comes from the seed. So a wait costs nothing, and a run with the same seed is the same run.
 */
const { createHash } = require('node:crypto')
const crypto = require('node:crypto')
const Module = require('node:module')
const timers = require('node:timers')
const { promisify } = require('node:util')

const real = { Date, setImmediate, setTimeout }
const queue = [] // timers, by when they are due
let now = 0 // milliseconds since 1970
let started = 0
let count = 0

/** Begins an invocation at this time, in milliseconds since 1970. */
function begin(time) {
  const late = time - now
  now = started = time
  for (const timer of queue) timer.due = Math.max(time, timer.due + Math.min(0, late)) // what was frozen goes on
}

/** The milliseconds that have passed since `begin`. */
const passed = () => now - started

class Timer {
  constructor(act, delay, every, values) {
    const wait = Number(delay) >= 1 && Number(delay) <= 2147483647 ? Number(delay) : 1
    Object.assign(this, { act, wait, every, values, held: true, due: now + wait, number: ++count })
    queue.push(this)
  }
  ref() { this.held = true; return this }
  unref() { this.held = false; return this }
  hasRef() { return this.held }
  refresh() { cancel(this); this.due = now + this.wait; queue.push(this); return this }
  close() { cancel(this); return this }
  [Symbol.toPrimitive]() { return this.number }
}

function cancel(timer) {
  const at = queue.findIndex((one) => one === timer || one.number === timer)
  if (at >= 0) queue.splice(at, 1)
}

/** Forgets all timers. */
const clear = () => { queue.length = 0 }

/** Whether a timer stands that keeps a process alive. */
const waiting = () => queue.some((timer) => timer.held)

/** Lets the next timer fire; false where none stands, or where the next is due after `until`. */
function fire(until) {
  const next = queue.reduce((first, one) => (!first || one.due < first.due || (one.due === first.due && one.number < first.number) ? one : first), undefined)
  if (!next) return false
  if (next.due > until) return false
  cancel(next)
  now = Math.max(now, next.due)
  if (next.every) { next.due = now + next.wait; queue.push(next) }
  next.act(...next.values)
  return true
}

function install() {
  const set = (every) => (act, delay, ...values) => new Timer(act, delay, every, values)
  const after = set(false)
  const promised = (delay, value) => new Promise((resolve) => { after(() => resolve(value), delay) })
  after[promisify.custom] = promised
  const made = { setTimeout: after, setInterval: set(true), clearTimeout: cancel, clearInterval: cancel }
  Object.assign(globalThis, made)
  Object.assign(timers, made)
  const promises = require('node:timers/promises')
  promises.setTimeout = promised
  promises.setInterval = async function* (delay, value) { for (;;) { await promised(delay); yield value } }
  if (promises.scheduler) promises.scheduler.wait = promised
  const clock = new Proxy(real.Date, {
    construct: (type, values, made) => Reflect.construct(type, values.length ? values : [now], made === clock ? type : made),
    apply: () => new real.Date(now).toString(),
    get: (type, name) => (name === 'now' ? () => now : Reflect.get(type, name)),
  })
  real.Date.prototype.constructor = clock
  globalThis.Date = clock
  const performed = performance.now.bind(performance)
  performance.now = () => performed() + passed()
  chance()
  Module.syncBuiltinESMExports()
}

let state = { seed: '', count: 0, rest: Buffer.alloc(0) }
/** Begins chance anew from a text. */
function seed(text) {
  state = { seed: text, count: 0, rest: Buffer.alloc(0) }
}

/** So many bytes from the seed. */
function bytes(size) {
  const parts = [state.rest]
  for (let held = state.rest.length; held < size; held += 32) {
    parts.push(createHash('sha256').update(`${state.seed}|${state.count++}`).digest())
  }
  const all = Buffer.concat(parts)
  state.rest = all.subarray(size)
  return Buffer.from(all.subarray(0, size))
}

function uuid() {
  const drawn = bytes(16)
  drawn[6] = (drawn[6] & 0x0f) | 0x40
  drawn[8] = (drawn[8] & 0x3f) | 0x80
  return drawn.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

const fill = (into, offset = 0, size) => {
  const view = Buffer.from(into.buffer ?? into, into.byteOffset ?? 0, into.byteLength)
  const length = size ?? view.length - offset
  bytes(length).copy(view, offset)
  return into
}

function chance() {
  const later = (callback, value) => (callback ? queueMicrotask(() => callback(null, value)) : undefined)
  Math.random = () => bytes(6).readUIntBE(0, 6) / 2 ** 48
  crypto.randomUUID = uuid
  crypto.randomBytes = (size, callback) => (callback ? later(callback, bytes(size)) : bytes(size))
  crypto.randomFillSync = fill
  crypto.randomFill = (into, ...rest) => later(rest.pop(), fill(into, ...rest))
  crypto.randomInt = (low, high, callback) => {
    const [from, to, done] = typeof high === 'number' ? [low, high, callback] : [0, low, high]
    const drawn = from + Math.floor(Math.random() * (to - from))
    return done ? later(done, drawn) : drawn
  }
  for (const [name, value] of [['getRandomValues', (into) => fill(into)], ['randomUUID', uuid]]) {
    Object.defineProperty(crypto.webcrypto, name, { value, writable: true, configurable: true, enumerable: true })
  }
}

module.exports = { begin, clear, fire, install, passed, real, seed, waiting }
