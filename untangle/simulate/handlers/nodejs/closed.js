'use strict'
/** Closes the ways out of a handler's process: no network, no other processes, no threads that would have them. */
const childProcess = require('node:child_process')
const dgram = require('node:dgram')
const dns = require('node:dns')
const Module = require('node:module')
const net = require('node:net')
const workers = require('node:worker_threads')

const refused = []
const refusal = (what) => {
  if (!refused.includes(what)) refused.push(what)
  return Object.assign(new Error(`there is no network in a simulation: ${what}`), { code: 'ECONNREFUSED', errno: -111, syscall: 'connect' })
}

const targetOf = (args) => {
  const [first] = Array.isArray(args[0]) ? args[0] : args
  if (first && typeof first === 'object') return first.path ?? `${first.host ?? first.servername ?? 'localhost'}:${first.port}`
  return typeof first === 'string' ? first : `${typeof args[1] === 'string' ? args[1] : 'localhost'}:${first}`
}

const PROCESSES = ['spawn', 'spawnSync', 'exec', 'execSync', 'execFile', 'execFileSync', 'fork']
const open = Object.fromEntries(PROCESSES.map((name) => [name, childProcess[name]]))
const shut = Object.fromEntries(PROCESSES.map((name) => [name, (program) => { throw Object.assign(new Error(`there are no other processes in a simulation: ${program}`), { code: 'EACCES' }) }]))

/** Runs what translates the project's sources, which is a process of its own. */
function translating(work) {
  Object.assign(childProcess, open)
  try {
    return work()
  } finally {
    Object.assign(childProcess, shut)
  }
}

/** Closes everything. */
function close() {
  net.Socket.prototype.connect = function connect(...args) {
    const error = refusal(targetOf(args))
    process.nextTick(() => this.destroy(error))
    return this
  }
  net.Server.prototype.listen = function listen() { throw refusal('listen') }
  dgram.Socket.prototype.send = function send(...args) {
    const done = args.at(-1)
    if (typeof done === 'function') process.nextTick(done, null, 0)
  }
  dgram.Socket.prototype.bind = function bind() { return this }
  dns.lookup = (name, options, done) => process.nextTick(typeof options === 'function' ? options : done, refusal(name))
  for (const name of ['resolve', 'resolve4', 'resolve6']) dns[name] = dns.lookup
  dns.promises.lookup = dns.promises.resolve = async (name) => { throw refusal(name) }
  Object.assign(childProcess, shut)
  workers.Worker = class Worker { constructor() { throw new Error('there are no threads in a simulation') } }
  process.chdir = () => {}
  process.kill = () => true
  Module.syncBuiltinESMExports()
}

module.exports = { close, refused, translating }
