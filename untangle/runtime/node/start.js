'use strict'
/**
 * Starts the workflow of a function that stays outside: once for a request, and once more for each run of it that failed after
 * calls of it had gone out, which whoever listened was told of at once. The next try starts it with what it does anew, of which a
 * write that changes nothing is no part.
 */
const { ask, codeOf } = require('./own.js')
const { sha256 } = require('./calls.js')

/** The input of an execution. */
const inputOf = ({ entry }, effects) => JSON.stringify({ entry, effects })

/** Starts it with this input, if any; a request that is tried again has started it, which is as good. */
async function begin({ stateMachine }, request, input, failed = false) {
  if (input === undefined) return
  const plain = request.replace(/[^A-Za-z0-9_-]/g, '-')
  const name = failed ? `${plain.slice(0, 63)}-${sha256(input).slice(0, 16)}` : plain.slice(0, 80)
  const header = process.env.AWS_LAMBDA_FUNCTION_NAME && process.env._X_AMZN_TRACE_ID
  try {
    await ask('sfn', 'StartExecution', { stateMachineArn: stateMachine, name, input, ...(header ? { traceHeader: header } : {}) })
  } catch (error) {
    if (codeOf(error) !== 'ExecutionAlreadyExists') throw error
  }
}

module.exports = { begin, inputOf }
