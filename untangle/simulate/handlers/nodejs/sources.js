'use strict'
/**
 * How a handler's modules are found and read: TypeScript by what the project has to translate it, the AWS SDK by a stand-in where
 * it is not installed. Anything else that is missing makes the function one that cannot be run, and says what to do.
 */
const fs = require('node:fs')
const path = require('node:path')
const Module = require('node:module')
const { pathToFileURL } = require('node:url')
const { createRequire } = Module
const { translating } = require('./closed.js')
const { standIn } = require('./standin.js')

const SDK = /^(@aws-sdk\/(client-[\w-]+|lib-dynamodb|lib-storage|util-dynamodb|s3-request-presigner)|aws-sdk(\/global|\/clients\/\w+(\.js)?)?|aws-xray-sdk(-core)?|@aws-lambda-powertools\/(logger|tracer|metrics)(\/middleware)?)$/
const EXTERNAL = ['@aws-sdk/*', '@smithy/*', 'aws-sdk', 'aws-sdk/*']
const WRITTEN = ['.js', '.mjs', '.cjs']
const TYPED = ['.ts', '.mts', '.cts', '.tsx']
const BUILT = ['dist', 'build', 'lib', 'out', '.build', '.esbuild/.build', '.webpack/service', '.aws-sam/build']

/** A handler that cannot be run; the message says why and what would help. */
class Unable extends Error {}

/** A handler in TypeScript for which nothing here has a translation: the simulation is asked for one. */
class Untranslated extends Error {
  constructor(file) {
    super(file)
    this.file = file
  }
}

const isFile = (file) => fs.statSync(file, { throwIfNoEntry: false })?.isFile() ?? false
const first = (stem, endings) => endings.map((ending) => stem + ending).find(isFile)

/** A package as it is found from a folder; undefined where it is not installed there. */
function tool(name, folder) {
  try {
    return createRequire(path.join(folder, 'x.js'))(name)
  } catch {
    return undefined
  }
}

const spoken = (stem, endings) => first(stem, endings) ?? first(path.join(stem, 'index'), endings)

/** The file of the handler's module in the first of the folders that has it: as it is written, or built. Raises `Unable`. */
function fileOf(folders, stem, root) {
  for (const folder of folders) {
    const plain = spoken(path.join(folder, stem), ['', ...WRITTEN])
    if (plain) return plain
  }
  const typed = folders.map((folder) => spoken(path.join(folder, stem), TYPED)).find(Boolean)
  if (typed && translator(path.dirname(typed))) return typed
  for (const folder of folders) {
    for (const built of BUILT.flatMap((name) => [path.join(folder, name, stem), path.join(folder, name, stem.replace(/^src\//, ''))])) {
      const file = first(built, WRITTEN)
      if (file) return file
    }
  }
  if (typed) return typed
  throw new Unable(`there is no module ${path.join(path.relative(root, folders[0]), stem)}`)
}

/** What the project has to translate TypeScript: `{bundle}` or `{one}`. */
function translator(folder) {
  const esbuild = tool('esbuild', folder)
  if (esbuild) return { bundle: (file) => bundled(esbuild, file) }
  const typescript = tool('typescript', folder)
  return typescript && { one: (file) => transpiled(typescript, file) }
}

/** A handler and all that it imports but the SDK in one text, as deployments with esbuild have it. */
function bundled(esbuild, file) {
  const made = translating(() => esbuild.buildSync({
    entryPoints: [file], bundle: true, write: false, platform: 'node', format: 'cjs', target: 'node20', external: EXTERNAL,
    sourcemap: 'inline', logLevel: 'silent', absWorkingDir: path.dirname(file), loader: { '.node': 'file' },
  }))
  return made.outputFiles[0].text
}

function transpiled(typescript, file) {
  const { ModuleKind, ScriptTarget, JsxEmit } = typescript
  const compilerOptions = { module: ModuleKind.CommonJS, target: ScriptTarget.ES2022, esModuleInterop: true, experimentalDecorators: true, emitDecoratorMetadata: true, inlineSourceMap: true, jsx: JsxEmit.React }
  return typescript.transpileModule(fs.readFileSync(file, 'utf8'), { compilerOptions, fileName: file }).outputText
}

/** Has TypeScript read as CommonJS from now on, one file at a time: what was translated, or by the project's compiler. */
function readTyped(texts) {
  const one = (file) => texts?.[file] ?? translator(path.dirname(file))?.one?.(file)
  for (const ending of TYPED) {
    Module._extensions[ending] = (module, file) => {
      const text = one(file)
      if (text === undefined) throw new Unable(`${file} is TypeScript, and nothing here translates it: run npm install`)
      module._compile(text, file)
    }
  }
}

/** Aliases of a tsconfig.json near a file: `[pattern, folders]`. */
function aliases(file) {
  for (let folder = path.dirname(file); folder !== path.dirname(folder); folder = path.dirname(folder)) {
    const config = path.join(folder, 'tsconfig.json')
    if (!isFile(config)) continue
    const typescript = tool('typescript', folder)
    const options = typescript?.readConfigFile(config, (name) => fs.readFileSync(name, 'utf8')).config?.compilerOptions ?? {}
    const base = path.resolve(folder, options.baseUrl ?? '.')
    const found = Object.entries(options.paths ?? {}).map(([name, places]) => [new RegExp(`^${name.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replace('*', '(.*)')}$`), places.map((place) => path.resolve(base, place))])
    return options.baseUrl ? [...found, [/^([^./].*)$/, [path.join(base, '*')]]] : found
  }
  return []
}

let others = []
let opt = []
let following = false
/** Has modules found: TypeScript behind names of JavaScript, aliases, and stand-ins for the SDK where it is not installed. */
function follow(file, layers = []) {
  opt = layers
  others = TYPED.some((ending) => file.endsWith(ending)) ? aliases(file) : []
  if (following) return
  following = true
  const resolve = Module._resolveFilename
  Module._resolveFilename = function resolved(request, parent, ...rest) {
    try {
      return resolve.call(this, request, parent, ...rest)
    } catch (error) {
      if (error.code !== 'MODULE_NOT_FOUND' && error.code !== 'ERR_PACKAGE_PATH_NOT_EXPORTED') throw error
      for (const other of otherNames(request)) {
        try {
          return resolve.call(this, other, parent, ...rest)
        } catch { /* the next one */ }
      }
      throw error
    }
  }
  const load = Module._load
  Module._load = function loaded(request, parent, ...rest) {
    if (!SDK.test(request)) return load.call(this, request, parent, ...rest)
    try {
      Module._resolveFilename(request, parent)
    } catch {
      return standIn(request) ?? load.call(this, request, parent, ...rest)
    }
    return load.call(this, request, parent, ...rest)
  }
}

function* otherNames(request) {
  for (const layer of opt) {
    if (request.startsWith('/opt/')) yield path.join(layer, request.slice('/opt/'.length))
    else if (!/^[./]/.test(request)) for (const folder of ['nodejs/node_modules', 'node_modules', '']) yield path.join(layer, folder, request)
  }
  if (/^\.{1,2}\//.test(request) && /\.[cm]?jsx?$/.test(request)) yield request.replace(/\.([cm]?)jsx?$/, '.$1ts')
  for (const [pattern, places] of others) {
    const match = pattern.exec(request)
    if (match) for (const place of places) yield place.replace('*', match[1] ?? '')
  }
}

/** The bare name of a package that an error says is missing; undefined where it says something else. */
function missing(error) {
  if (!/^(ERR_)?MODULE_NOT_FOUND$/.test(error?.code ?? '')) return undefined
  return /Cannot find (?:module|package) '([^']+)'/.exec(error.message)?.[1]
}

/** Why a module could not be loaded, where that is no defect of the handler; undefined where it is. */
function reason(error, file, root) {
  const name = missing(error)
  const packages = [...(error?.errors ?? [])].map((one) => /Could not resolve "([^"]+)"/.exec(one.text)?.[1]).filter(Boolean)
  const [lacking] = name ? [name] : packages
  if (!lacking) return error?.code === 'ERR_REQUIRE_ESM' ? `it requires an ES module, which Node.js ${process.versions.node} does not: ${error.message.split('\n')[0]}` : undefined
  if (lacking.startsWith('/opt/')) return `it needs ${lacking} of a layer, which is not here`
  if (/^[./]/.test(lacking)) return `it needs the module ${path.isAbsolute(lacking) ? path.relative(root, lacking) : lacking}, which is not there`
  const called = lacking.split('/').slice(0, lacking.startsWith('@') ? 2 : 1).join('/')
  return `the package ${called} is not installed: run npm install where the package.json of ${path.relative(root, file)} is, or name a folder that has it with --packages`
}

/** Whether a file is an ES module, by its name, its package or what is written in it. */
function isModule(file) {
  if (/\.[cm]js$/.test(file)) return file.endsWith('.mjs')
  for (let folder = path.dirname(file); folder !== path.dirname(folder); folder = path.dirname(folder)) {
    const described = path.join(folder, 'package.json')
    if (!isFile(described)) continue
    try {
      if (JSON.parse(fs.readFileSync(described, 'utf8')).type === 'module') return true
    } catch { /* a package.json that is none says nothing */ }
    break
  }
  return /^\s*(import\s+[\w{*'"]|export\s+(default|const|let|var|function|async|class|\{|\*))/m.test(fs.readFileSync(file, 'utf8')) && !/\brequire\(/.test(fs.readFileSync(file, 'utf8'))
}

let hooked = false
let modules = false
/** Whether something was loaded that cannot be forgotten: an ES module stays for the life of its process. */
const lasting = () => modules

function imported(file) {
  modules = true
  if (!hooked) Module.register?.(pathToFileURL(path.join(__dirname, 'hooks.mjs')))
  hooked = true
  return import(pathToFileURL(file).href)
}

/** Loads the module of a handler, with the `texts` of what was translated. Raises `Unable`, `Untranslated`, or what the module itself raises. */
async function moduleOf(file, root, texts) {
  const typed = TYPED.some((ending) => file.endsWith(ending))
  const tools = typed && !texts ? translator(path.dirname(file)) : {}
  if (!tools) throw new Untranslated(file)
  try {
    if (tools.bundle) return compiled(tools.bundle(file), file)
    if (typed) readTyped(texts)
    if (!typed && isModule(file)) return await imported(file)
    return createRequire(file)(file)
  } catch (error) {
    const why = reason(error, file, root)
    throw why ? new Unable(why) : error
  }
}

function compiled(text, file) {
  const module = new Module(file, null)
  Object.assign(module, { filename: file, paths: Module._nodeModulePaths(path.dirname(file)) })
  module._compile(text, file)
  return module.exports
}

module.exports = { lasting, SDK, Unable, Untranslated, fileOf, follow, isFile, moduleOf, reason }
