'use strict'
/**
 * Stands in for libraries that only watch a handler (logs, traces, metrics) where they are not installed, because a layer brings
 * them: AWS X-Ray SDK, Powertools for AWS Lambda. They hand on what they are given, and keep quiet.
 */

/** Something of which any member may be called, and gives something of the same kind. */
function quiet(given = {}) {
  return new Proxy(Object.assign(function nothing() {}, given), {
    get: (target, name) => (Object.hasOwn(given, name) || typeof name === 'symbol' ? given[name] : name === 'then' || name === 'prototype' ? target[name] : quiet()),
    apply: () => quiet(),
    construct: () => quiet(),
  })
}

const same = (value) => value
const decorated = () => (target, name, descriptor) => descriptor
const watched = (act) => act(quiet())
const hooks = () => ({ before: () => undefined, after: () => undefined, onError: () => undefined })
/** The names of values, each its own. */
const names = new Proxy({}, { get: (target, name) => name })

const XRAY = quiet({
  captureAWS: same, captureAWSClient: same, captureAWSv3Client: same, captureHTTPs: same, capturePromise: () => undefined,
  captureAsyncFunc: (name, act) => watched(act), captureFunc: (name, act) => watched(act), captureCallbackFunc: (name, act) => act,
})

const print = (level) => (message, ...more) => { console.log(JSON.stringify({ level, message: message?.message ?? message, more: more.length ? more : undefined })) }

class Logger {
  constructor() {
    for (const level of ['debug', 'trace', 'info', 'warn', 'error', 'critical']) this[level] = level === 'debug' || level === 'trace' ? () => undefined : print(level.toUpperCase())
    return new Proxy(this, { get: (target, name) => (name in target || typeof name === 'symbol' || name === 'then' ? target[name] : () => undefined) })
  }
  createChild() { return new Logger() }
  injectLambdaContext() { return decorated() }
}

class Tracer {
  constructor() {
    return quiet({
      captureAWS: same, captureAWSClient: same, captureAWSv3Client: same, captureMethod: decorated, captureLambdaHandler: decorated,
      isTracingEnabled: () => false, annotateColdStart: () => undefined, getRootXrayTraceId: () => undefined, provider: XRAY,
    })
  }
}

class Metrics {
  constructor() { return quiet({ logMetrics: decorated, singleMetric: () => new Metrics() }) }
}

const PACKAGES = {
  'aws-xray-sdk': XRAY,
  'aws-xray-sdk-core': XRAY,
  '@aws-lambda-powertools/logger': { Logger, LogLevel: names, injectLambdaContext: hooks },
  '@aws-lambda-powertools/tracer': { Tracer, captureLambdaHandler: hooks },
  '@aws-lambda-powertools/metrics': { Metrics, MetricUnit: names, MetricUnits: names, MetricResolution: names, logMetrics: hooks },
}
for (const [name, more] of [['logger', 'injectLambdaContext'], ['tracer', 'captureLambdaHandler'], ['metrics', 'logMetrics']]) {
  PACKAGES[`@aws-lambda-powertools/${name}/middleware`] = { [more]: hooks }
}

/** The stand-in for a package, or undefined where there is none for it. */
const watching = (name) => PACKAGES[name]

module.exports = { watching }
