'use strict'
/**
 * A run that failed after calls of it had gone out: its error carries what they did, for the state machine to go on with.
 *
 * The error is `FailedWithEffects`, whose message is JSON, `{errorType, errorMessage, effects}`, the type and the message being those
 * of the error that the handler threw, whose stack it keeps. The cause of a failed state has at most 32,768 characters (Step
 * Functions API reference, `TaskFailedEventDetails`): effects that do not fit there stay with the run, which fails with its own error,
 * and a line of the log says so. Where there is no room for the stack, it is left out.
 */
const CAUSE = 32_768
const AROUND = 512 // what Lambda puts around message and stack
const MESSAGE = 4_096 // characters of the handler's own message that are kept
const LONGEST = 6 // characters that one may take in a JSON text, `\u00e9`

class FailedWithEffects extends Error {
  constructor(message, cause) {
    super(message)
    this.name = 'FailedWithEffects'
    this.cause = cause
  }
}

/** What a failed run throws in the place of its error: that error itself where no call has gone out, or too much. */
async function withEffects(error, told) {
  if (!told.length) return error
  const message = JSON.stringify({ errorType: nameOf(error), errorMessage: messageOf(error).slice(0, MESSAGE), effects: told })
  const room = CAUSE - AROUND - lengthOf(message)
  if (room < 0) {
    const named = told.slice(0, 3).map(({ op, id }) => `${op} ${id}`).join(', ')
    console.error(`untangle: the run failed after ${named}: the error with that has ${lengthOf(message)} characters of ${CAUSE}, so nothing follows them`)
    return error
  }
  const made = new FailedWithEffects(message, error)
  const stack = String(error?.stack ?? '')
  made.stack = lengthOf(stack) <= room ? stack : ''
  return made
}

/** The cause by which the outbox itself tells of an error, as Lambda would. */
const causeOf = (error) => JSON.stringify({ errorType: nameOf(error), errorMessage: error instanceof FailedWithEffects ? error.message : messageOf(error).slice(0, MESSAGE) })

const nameOf = (error) => String(error?.name ?? 'Error')
const messageOf = (error) => String(error?.message ?? error)
/** The characters of a text in JSON, at most: what is no ASCII may be written with its number. */
const lengthOf = (text) => [...JSON.stringify(text)].reduce((sum, one) => sum + (one.codePointAt(0) < 128 ? 1 : LONGEST * one.length), 0)

module.exports = { FailedWithEffects, withEffects, causeOf }
