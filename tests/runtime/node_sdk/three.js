'use strict'
// The shape of the AWS SDK for JavaScript, version 3: clients with `send`, commands with their input. What goes out goes to `world`.
class Client {
  constructor(config) {
    this.config = { serviceId: this.constructor.serviceId, ...config }
    this.middlewareStack = {}
  }
  send(command, options, callback) {
    const done = typeof options === 'function' ? options : callback
    const answered = command.resolve(this)
    if (!done) return answered
    answered.then((output) => done(null, output), (error) => done(error))
  }
  destroy() {}
}

class ServiceException extends Error {}

const attribute = (value) => (typeof value === 'number' ? { N: String(value) } : { S: value })
const plain = ({ N, S }) => (N === undefined ? S : Number(N))
const each = (item, one) => item && Object.fromEntries(Object.entries(item).map(([name, value]) => [name, one(value)]))

function commandOf(operation) {
  const type = class {
    constructor(input) { this.input = input }
    async resolve(client) { return { ...(await globalThis.world(client.config.serviceId, operation, this.input)), $metadata: { requestId: 'real' } } }
  }
  Object.defineProperty(type, 'name', { value: `${operation}Command` })
  return type
}

/** The package of one service. */
function service(id, operations, errors = []) {
  const exports = {}
  const type = class extends Client { static serviceId = id }
  Object.defineProperty(type, 'name', { value: `${id}Client` })
  exports[`${id}Client`] = type
  for (const operation of operations) exports[`${operation}Command`] = commandOf(operation)
  for (const name of errors) {
    exports[name] = class extends ServiceException { constructor({ message }) { super(message); this.name = name } }
  }
  return exports
}

/** lib-dynamodb: plain values in, plain values out. */
function documents(low) {
  class DynamoDBDocumentClient extends Client {
    static from(client) { return new this({ serviceId: 'DynamoDB', inner: client }) }
  }
  const exports = { DynamoDBDocumentClient }
  for (const [name, operation] of [['Put', 'PutItem'], ['Get', 'GetItem'], ['Update', 'UpdateItem'], ['Delete', 'DeleteItem']]) {
    const type = class {
      constructor(input) {
        this.input = input
        this.clientCommand = new low[`${operation}Command`](input)
      }
      async resolve(client) {
        const { Item, Key, ...rest } = this.input
        const wire = { ...rest, ...(Item && { Item: each(Item, attribute) }), ...(Key && { Key: each(Key, attribute) }) }
        const output = await new low[`${operation}Command`](wire).resolve(client)
        for (const field of ['Item', 'Attributes']) if (output[field]) output[field] = each(output[field], plain)
        return output
      }
    }
    Object.defineProperty(type, 'name', { value: `${name}Command` })
    exports[`${name}Command`] = type
  }
  return exports
}

module.exports = { documents, service }
