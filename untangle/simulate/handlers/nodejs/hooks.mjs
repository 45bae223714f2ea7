/**
 * Stand-ins for the AWS SDK in ES modules: an import of a package that is not installed becomes a module that exports the names
 * which the importing file asks for. Runs in Node's own thread for such hooks.
 */
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

const SDK = /^(@aws-sdk\/(client-[\w-]+|lib-dynamodb|lib-storage|util-dynamodb|s3-request-presigner)|aws-sdk(\/global|\/clients\/\w+(\.js)?)?|aws-xray-sdk(-core)?|@aws-lambda-powertools\/(logger|tracer|metrics)(\/middleware)?)$/

/** The names that a text imports from a package. */
export function imported(text, name) {
  const names = new Set()
  const from = `from\\s*['"]${name.replace(/[/.-]/g, '\\$&')}['"]`
  for (const match of text.matchAll(new RegExp(`(?:import|export)\\s*(?:type\\s+)?(?:[\\w$]+\\s*,\\s*)?\\{([^}]*)\\}\\s*${from}`, 'g'))) {
    for (const one of match[1].split(',')) {
      const [first] = one.trim().split(/\s+as\s+/)
      if (/^[\w$]+$/.test(first) && first !== 'default') names.add(first)
    }
  }
  for (const match of text.matchAll(new RegExp(`import\\s*\\*\\s*as\\s+([\\w$]+)\\s*${from}`, 'g'))) {
    for (const use of text.matchAll(new RegExp(`\\b${match[1].replace(/\$/g, '\\$')}\\.([A-Za-z_$][\\w$]*)`, 'g'))) names.add(use[1])
  }
  for (const match of text.matchAll(new RegExp(`\\{([^}]*)\\}\\s*=\\s*await\\s+import\\(\\s*['"]${name}['"]`, 'g'))) {
    for (const one of match[1].split(',')) if (/^\s*[\w$]+/.test(one)) names.add(one.trim().split(/\s*:/)[0])
  }
  return [...names].sort()
}

export async function resolve(specifier, context, next) {
  try {
    return await next(specifier, context)
  } catch (error) {
    if (!SDK.test(specifier)) throw error
    const text = context.parentURL?.startsWith('file:') ? await readFile(fileURLToPath(context.parentURL), 'utf8') : ''
    const lines = imported(text, specifier).map((name) => `export const ${name} = found[${JSON.stringify(name)}]`)
    const source = `const found = globalThis[Symbol.for('untangle.standIn')](${JSON.stringify(specifier)})\nexport default found\n${lines.join('\n')}`
    return { url: `data:text/javascript,${encodeURIComponent(source)}`, format: 'module', shortCircuit: true }
  }
}
