'use strict'
/**
 * Loads a handler by its name, `folder/file.export` or `file.object.method`, as Lambda does it (Lambda guide, "Define Lambda
 * function handler in Node.js"): CommonJS or ES module, whichever the file is.
 */
const fs = require('node:fs')
const path = require('node:path')
const { createRequire } = require('node:module')
const { pathToFileURL } = require('node:url')

const ENDINGS = ['', '.js', '.mjs', '.cjs']

class NoHandler extends Error {
  constructor(message) {
    super(message)
    this.name = 'Runtime.HandlerNotFound'
  }
}

/** The file and the names after it. Raises `NoHandler`. */
function place(name, root, endings = ENDINGS) {
  const folder = path.dirname(name)
  const [, stem, rest] = /^([^.]*)\.(.+)$/.exec(path.basename(name)) ?? []
  if (!stem) throw new NoHandler(`the handler ${name} is not of the form file.function`)
  const base = path.resolve(root, folder, stem)
  const file = endings.map((ending) => base + ending).find((one) => fs.statSync(one, { throwIfNoEntry: false })?.isFile())
  if (!file) throw new NoHandler(`there is no module ${path.join(folder, stem)} in ${root}`)
  return { file, names: rest.split('.') }
}

/** What a module exports, whichever kind it is. */
async function moduleOf(file) {
  if (file.endsWith('.mjs')) return import(pathToFileURL(file).href)
  try {
    return createRequire(file)(file)
  } catch (error) {
    if (error.code !== 'ERR_REQUIRE_ESM' && !(error instanceof SyntaxError && /import|export|await/.test(error.message))) throw error
    return import(pathToFileURL(file).href)
  }
}

/** The function of a handler's name. Raises `NoHandler`. */
async function load(name, root = process.env.LAMBDA_TASK_ROOT ?? process.cwd()) {
  const { file, names } = place(name, root)
  const exports = await moduleOf(file)
  const found = names.reduce((value, one) => value?.[one] ?? value?.default?.[one], exports)
  if (typeof found !== 'function') throw new NoHandler(`${names.join('.')} of ${file} is undefined or not a function`)
  return { handler: found, file }
}

module.exports = { NoHandler, load, moduleOf, place }
