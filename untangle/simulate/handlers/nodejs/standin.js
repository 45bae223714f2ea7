'use strict'
/**
 * Stands in for the AWS SDK where the project has none installed, because Lambda's runtime brings it: any client, any command.
 *
 * Nothing is known here of services but their names: `new XCommand(params)`, `client.send`, `new AWS.X().operation(params)` become
 * calls of the simulation. What only computes (marshalling) does; what needs a network or keys (signed URLs) gives a text of the
 * right form. Names of values (`InvocationType.Event`) are taken to be the values themselves.
 */
const { marshal, unmarshal, toAttribute, toItem, fromAttribute, fromItem } = require('../../../runtime/node/attributes.js')
const sdk = require('../../../runtime/node/sdk.js')
const { watching } = require('./watching.js')
const SERVICES = require('../../../runtime/node/services.json')

const flat = (text) => text.toLowerCase().replace(/[^a-z0-9]/g, '')
const IDS = new Map(Object.keys(SERVICES).map((id) => [flat(id), id]))
const SECOND = { CognitoIdentityServiceProvider: 'Cognito Identity Provider', CloudWatchEvents: 'EventBridge', Iot: 'IoT', IotData: 'IoT Data Plane', StepFunctions: 'SFN' }
const DOCUMENTS = { Get: 'GetItem', Put: 'PutItem', Update: 'UpdateItem', Delete: 'DeleteItem', BatchGet: 'BatchGetItem', BatchWrite: 'BatchWriteItem', TransactGet: 'TransactGetItems', TransactWrite: 'TransactWriteItems' }
const PAGES = { NextToken: 'NextToken', nextToken: 'nextToken', NextContinuationToken: 'ContinuationToken', LastEvaluatedKey: 'ExclusiveStartKey', NextMarker: 'Marker', Marker: 'Marker' }

const upper = (name) => name[0].toUpperCase() + name.slice(1)
const idOf = (name) => SECOND[name] ?? IDS.get(flat(name)) ?? name.replace(/-/g, ' ')

/** An object whose members are made when they are asked for, by name. */
function made(make, given = {}) {
  return new Proxy(given, {
    get(target, name) {
      if (name in target || typeof name === 'symbol' || name === 'then') return target[name]
      if (name === '__esModule') return true
      target[name] = make(name)
      return target[name]
    },
    has: (target, name) => name in target || typeof name === 'string',
  })
}

class Client {
  constructor(config) {
    this.config = { region: async () => process.env.AWS_REGION, credentials: async () => ({ accessKeyId: 'simulated', secretAccessKey: 'simulated' }), ...config }
    this.config.serviceId = this.constructor.serviceId
    this.middlewareStack = made(() => () => undefined)
  }
  send() { throw new Error('nobody carries out calls here') }
  destroy() {}
}
sdk.patchClient(Client)

class ServiceException extends Error {
  constructor({ name, message, $metadata, ...rest } = {}) {
    super(message)
    Object.assign(this, rest, { $fault: 'client', $metadata: $metadata ?? {} })
    this.name = name ?? this.constructor.name
  }
}

const named = (name, type) => { Object.defineProperty(type, 'name', { value: name }); return type }
const commandOf = (operation, more = {}) => named(`${operation}Command`, class { constructor(input) { Object.assign(this, { input: input ?? {}, middlewareStack: made(() => () => undefined), ...more }) } })

/** Clients whose operations are methods, beside `send`. */
function aggregated(type, commands) {
  return named(type.name.replace(/Client$/, ''), class extends type {
    constructor(config) {
      super(config)
      return new Proxy(this, {
        get: (target, name) => (name in target || typeof name === 'symbol' || name === 'then' ? target[name] : (input, ...rest) => target.send(new commands[`${upper(name)}Command`](input), ...rest)),
      })
    }
  })
}

async function* pages(commands, operation, { client }, input, ...rest) {
  let next = {}
  do {
    const page = await client.send(new commands[`${operation}Command`]({ ...input, ...next }), ...rest)
    yield page
    const token = Object.keys(PAGES).find((name) => page[name])
    next = token && { [PAGES[token]]: page[token] }
  } while (next)
}

/** A package `@aws-sdk/client-…`. */
function clientPackage(suffix) {
  const id = idOf(suffix)
  const exports = made((name) => {
    if (name.endsWith('Command')) return commandOf(name.slice(0, -'Command'.length))
    if (name.endsWith('Client')) return type
    if (flat(name) === flat(suffix)) return aggregated(type, exports)
    if (name.startsWith('paginate')) return (config, input, ...rest) => pages(exports, name.slice('paginate'.length), config, input, ...rest)
    if (name.startsWith('waitUntil')) return async () => ({ state: 'SUCCESS' })
    // An error's class, or the names of values: the one who asks knows which.
    const own = named(name, class extends ServiceException {})
    return new Proxy(own, { get: (target, member) => (member in target || typeof member === 'symbol' ? target[member] : member) })
  })
  const type = named(`${id.replace(/[^A-Za-z0-9]/g, '')}Client`, class extends Client { static serviceId = id })
  exports[type.name] = type
  sdk.announce(exports)
  return exports
}

function documentPackage() {
  const exports = made((name) => {
    if (!name.endsWith('Command')) return name.startsWith('paginate') ? (config, input, ...rest) => pages(exports, name.slice(8), config, input, ...rest) : named(name, class {})
    const plain = name.slice(0, -'Command'.length)
    const operation = DOCUMENTS[plain] ?? plain
    return commandOf(plain, { clientCommand: new (commandOf(operation))() })
  })
  class DynamoDBDocumentClient extends Client {
    static serviceId = 'DynamoDB'
    static from(client, translateConfig) { return new this(client, translateConfig) }
    constructor(client, translateConfig) { super({ ...client?.config, translateConfig }) }
  }
  const DynamoDBDocument = named('DynamoDBDocument', aggregated(DynamoDBDocumentClient, exports))
  DynamoDBDocument.from = (client, translateConfig) => new DynamoDBDocument(client, translateConfig)
  Object.assign(exports, { DynamoDBDocumentClient, DynamoDBDocument })
  sdk.announce(exports)
  return exports
}

const marshalling = {
  marshall: (value, options) => (value !== null && typeof value === 'object' && !Array.isArray(value) && !(value instanceof Set) ? toItem(value, options) : toAttribute(value, options)),
  unmarshall: (value, options) => fromItem(value, options),
  convertToAttr: toAttribute,
  convertToNative: fromAttribute,
}

class Upload {
  constructor({ client, params }) { Object.assign(this, { client, params }) }
  on() { return this }
  async abort() {}
  async done() {
    const { Bucket, Key } = this.params
    const written = await this.client.send(new (module.exports.standIn('@aws-sdk/client-s3').PutObjectCommand)(this.params))
    return { ...written, Bucket, Key, Location: `https://${Bucket}.s3.amazonaws.com/${Key}` }
  }
}

const signed = (bucket, key) => `https://${bucket ?? 'bucket'}.s3.amazonaws.com/${key ?? ''}?X-Amz-Signature=simulated`

// ---- version 2 ----

/** What version 2 gives for a call: nothing happens until it is asked for. */
function requestOf(run) {
  const heard = {}
  const tell = (name, ...values) => (heard[name] ?? []).forEach((one) => one(...values))
  const request = {
    promise: () => run().then((data) => { tell('success', { data }); tell('complete', { data }); return data }, (error) => { tell('error', error); tell('complete', { error }); throw error }),
    send: (done) => { request.promise().then((data) => done?.(null, data), (error) => done?.(error)) },
    on: (name, act) => { (heard[name] ??= []).push(act); return request },
    eachPage: (act) => { request.promise().then((data) => { act(null, data); act(null, null) }, (error) => act(error)) },
    createReadStream: () => {
      const { PassThrough } = require('node:stream')
      const stream = new PassThrough()
      request.promise().then((data) => stream.end(data.Body), (error) => stream.destroy(error))
      return stream
    },
    abort: () => undefined,
  }
  return request
}

function serviceOf(id, options = {}, document = false) {
  const perform = (operation, params = {}) => {
    const wire = document ? marshal({ ...options.params, ...params }, options) : { ...options.params, ...params }
    const call = { sdk: 'v2', service: sdk.serviceName(id), operation, params: wire, document: false, client: service }
    const sets = (values) => ({ wrapperName: 'Set', values, type: typeof values[0] === 'number' ? 'Number' : 'String' })
    return sdk.perform(call).then((data) => (document ? unmarshal(data, { sets }) : data))
  }
  const service = made((name) => (params, callback) => {
    const [given, done] = typeof params === 'function' ? [{}, params] : [params, callback]
    const operation = document ? DOCUMENTS[upper(name)] ?? upper(name) : upper(name)
    const request = requestOf(() => perform(operation, given))
    if (done) request.send(done)
    return request
  }, {
    config: { region: process.env.AWS_REGION, update: () => undefined, ...options },
    service: { api: { serviceId: id } },
    upload: (params, more, callback) => {
      const { Bucket, Key } = params
      const request = requestOf(async () => ({ ...(await perform('PutObject', params)), Bucket, Key, key: Key, Location: `https://${Bucket}.s3.amazonaws.com/${Key}` }))
      const done = typeof more === 'function' ? more : callback
      if (done) request.send(done)
      return request
    },
    getSignedUrl: (operation, params, done) => (done ? done(null, signed(params?.Bucket, params?.Key)) : signed(params?.Bucket, params?.Key)),
    getSignedUrlPromise: async (operation, params) => signed(params?.Bucket, params?.Key),
    createSet: (values) => ({ wrapperName: 'Set', values }),
    waitFor: (state, params, done) => { const request = requestOf(async () => ({})); if (done) request.send(done); return request },
    makeRequest: (operation, params, done) => service[operation](params, done),
  })
  return service
}

function secondVersion() {
  const type = (name) => {
    const constructed = named(name, function Service(options) { return serviceOf(idOf(name), options) })
    return name === 'DynamoDB' ? Object.assign(constructed, { DocumentClient: function DocumentClient(options) { return serviceOf('DynamoDB', options, true) }, Converter: converter }) : constructed
  }
  const converter = { input: toAttribute, output: fromAttribute, marshall: toItem, unmarshall: fromItem }
  const nothing = () => undefined
  return made(type, {
    config: made(() => undefined, { update: nothing, setPromisesDependency: nothing, getCredentials: (done) => done(null), region: process.env.AWS_REGION, credentials: {} }),
    Credentials: class { constructor() { this.accessKeyId = 'simulated' } },
    Endpoint: class { constructor(host) { this.host = this.hostname = host; this.href = host } },
    util: { uuid: { v4: () => require('node:crypto').randomUUID() } },
    VERSION: '2.1692.0',
  })
}

const packages = new Map()
/** The stand-in for a package, or undefined where there is none for it. */
function standIn(name) {
  if (!packages.has(name)) packages.set(name, build(name))
  return packages.get(name)
}

function build(name) {
  const [, suffix] = /^@aws-sdk\/client-([\w-]+)$/.exec(name) ?? []
  if (suffix) return clientPackage(suffix)
  const [, one] = /^aws-sdk\/clients\/(\w+?)(\.js)?$/.exec(name) ?? []
  if (one) {
    const all = standIn('aws-sdk')
    const known = ['SQS', 'SNS', 'S3', 'DynamoDB', 'EventBridge', 'Lambda', 'StepFunctions', 'SecretsManager', 'SSM', 'SES', 'Kinesis', 'Firehose', 'STS', 'CloudWatch', 'CognitoIdentityServiceProvider']
    return all[known.find((type) => flat(type) === one) ?? upper(one)]
  }
  switch (name) {
    case 'aws-sdk': case 'aws-sdk/global': return secondVersion()
    case '@aws-sdk/lib-dynamodb': return documentPackage()
    case '@aws-sdk/util-dynamodb': return marshalling
    case '@aws-sdk/lib-storage': return { Upload }
    case '@aws-sdk/s3-request-presigner': return { getSignedUrl: async (client, command) => signed(command?.input?.Bucket, command?.input?.Key) }
    default: return watching(name)
  }
}

module.exports = { standIn, ServiceException }
