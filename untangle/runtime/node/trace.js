'use strict'
/**
 * The trace context of a state, made the current one where the handler has OpenTelemetry's API (W3C Trace Context).
 */
const { sha256 } = require('./calls.js')
const { found } = require('./own.js')

/** The context that a marker names or, with `span`, what it is made of; the one that the message brings goes before. */
function traceparentOf(asked, event) {
  if (!asked.span || asked.traceparent) return asked.traceparent
  const record = event?.Records?.length === 1 ? event.Records[0] : undefined
  const brought = record?.messageAttributes?.traceparent?.stringValue ?? record?.Sns?.MessageAttributes?.traceparent?.Value
  return brought ?? `00-${sha256(asked.span.split('|')[0]).slice(0, 32)}-${sha256(asked.span).slice(0, 16)}-01`
}

/** Runs `work` within the trace context that the marker asks for. */
function traced(asked, event, work) {
  const traceparent = traceparentOf(asked, event)
  const api = traceparent ? found('@opentelemetry/api') : undefined
  if (!api?.propagation) return work()
  return api.context.with(api.propagation.extract(api.context.active(), { traceparent }), work)
}

module.exports = { traced, traceparentOf }
