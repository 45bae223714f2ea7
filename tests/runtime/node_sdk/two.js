'use strict'
// The shape of the AWS SDK for JavaScript, version 2: requests whose events lead from one state to the next.
const PROTOCOL = { build: [], extractData: [(response) => { response.data = response.wire }] }
const STATES = ['validate', 'build', 'afterBuild', 'sign', 'send', 'validateResponse', 'extractData']

class Request {
  constructor(service, operation, params) {
    Object.assign(this, { service, operation, params, response: { request: this, httpResponse: {} } })
    const credentials = Object.assign((request, done) => setImmediate(done), { _isAsync: true })
    const send = (response, done) => {
      globalThis.world(service.api.serviceId, operation[0].toUpperCase() + operation.slice(1), this.params).then((wire) => { response.wire = wire; done() }, done)
    }
    this._events = { validate: [credentials], build: [...PROTOCOL.build], afterBuild: [], sign: [], send: [Object.assign(send, { _isAsync: true })], validateResponse: [], extractData: [...PROTOCOL.extractData] }
  }
  on(name, listener) {
    this._events[name] = [...(this._events[name] ?? []), listener]
    return this
  }
  emit(name, values) { for (const listener of this._events[name] ?? []) listener(...values) }
  runTo() {
    this.go([...STATES])
    return this
  }
  async go(states) {
    try {
      for (const state of states) {
        for (const listener of [...(this._events[state] ?? [])]) {
          const subject = state === 'send' || state.startsWith('extract') || state.startsWith('validateR') ? this.response : this
          if (listener._isAsync) await new Promise((resolve, reject) => listener(subject, (error) => (error ? reject(error) : resolve())))
          else listener(subject)
        }
      }
    } catch (error) {
      this.response.error = error
      this.emit('error', [error])
    }
    this.emit('complete', [this.response])
  }
  send(callback) {
    if (callback) this.on('complete', (response) => callback(response.error ?? null, response.data))
    this.runTo()
  }
  promise() {
    return new Promise((resolve, reject) => {
      this.on('complete', (response) => (response.error ? reject(response.error) : resolve(response.data)))
      this.runTo()
    })
  }
}

class Service {
  serviceInterface() { return { _events: PROTOCOL } }
  makeRequest(operation, params, callback) {
    const request = new Request(this, operation, { ...params })
    if (callback) request.send(callback)
    return request
  }
}

function serviceOf(serviceId, operations) {
  const type = class extends Service { api = { serviceId } }
  for (const operation of operations) type.prototype[operation] = function (params, callback) { return this.makeRequest(operation, params, callback) }
  return type
}

module.exports = {
  Request,
  Service,
  EventListeners: {},
  SQS: serviceOf('SQS', ['sendMessage', 'sendMessageBatch']),
  SNS: serviceOf('SNS', ['publish']),
  DynamoDB: serviceOf('DynamoDB', ['putItem', 'getItem']),
  StepFunctions: serviceOf('SFN', ['startExecution']),
}
