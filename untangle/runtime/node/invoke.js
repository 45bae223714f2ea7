'use strict'
/**
 * Runs a handler of any of the styles that Node.js runtimes know: an async function, a callback, `context.succeed` and `.done`.
 *
 * Sources: Lambda guide, "Define Lambda function handler in Node.js", "Using callbacks".
 */

/** A promise of what the handler answers. */
function invoke(handler, event, context) {
  return new Promise((resolve, reject) => {
    const done = (error, result) => (error ? reject(failure(error)) : resolve(result))
    const given = Object.create(context ?? null, {
      done: { value: done, enumerable: false },
      succeed: { value: resolve, enumerable: false },
      fail: { value: (error) => reject(failure(error)), enumerable: false },
    })
    if (context) {
      for (const name of Object.keys(context).filter((one) => !Object.hasOwn(given, one))) Object.defineProperty(given, name, { get: () => context[name], set: (one) => { context[name] = one }, enumerable: true, configurable: true })
    }
    const returned = handler(event, given, done)
    if (typeof returned?.then === 'function') returned.then(resolve, reject)
    // A function that neither promises nor calls back is done when there is nothing left for it to do.
    else process.once('beforeExit', () => resolve(null))
  })
}

const failure = (error) => (error instanceof Error ? error : Object.assign(new Error(typeof error === 'string' ? error : JSON.stringify(error)), { name: 'Error' }))

module.exports = { invoke }
