'use strict'
/**
 * Which calls a workflow asked for: targets as the marker names them, held against what a call says, which may be another form of
 * the same (a queue's old URL, an ARN for a name, a function's alias). What one form does not say is not compared.
 */

/** `{name, service, region, account, qualifier}` of a target, or of what a call of `service` names. */
function parsed(text, service) {
  if (/^https?:\/\//.test(text)) {
    const [, host, path] = /^https?:\/\/([^/]+)\/(.*?)\/?$/.exec(text) ?? [undefined, '', text]
    const parts = path.split('/')
    const account = parts.at(-2)
    const region = /(?:^|\.)(?:sqs|sqs-fips)\.([a-z0-9-]+)\./.exec(host)?.[1] ?? /^([a-z0-9-]+)\.queue\./.exec(host)?.[1]
    return { name: parts.at(-1), service: 'sqs', region, account: /^\d+$/.test(account) ? account : undefined }
  }
  if (text.startsWith('arn:')) {
    const [, , owner, region, account, ...rest] = text.split(':')
    const resource = rest.join(':')
    const known = { service: owner, region: region || undefined, account: account || undefined }
    if (owner === 'lambda') return { ...known, ...ofFunction(resource) }
    return { ...known, name: ['events', 'kinesis', 'dynamodb'].includes(owner) && resource.includes('/') ? resource.split('/')[1] : resource }
  }
  if (service !== 'lambda') return { name: text, service }
  const partial = /^(\d{12}):(.*)$/.exec(text)
  return partial ? { service, account: partial[1], ...ofFunction(partial[2]) } : { service, ...ofFunction(text) }
}

function ofFunction(resource) {
  const [name, qualifier] = resource.replace(/^function:/, '').split(':')
  return { name, qualifier }
}

const OPERATION = /^([a-z][a-z0-9-]*):([A-Z][A-Za-z0-9]*)$/
const either = (one, other) => one === undefined || other === undefined || one === other

/** The first of the wanted targets that is what a call of this service names; undefined where it is none. */
function matched(service, text, wanted) {
  const given = parsed(text, service)
  return wanted.find((one) => {
    if (OPERATION.test(one)) return false
    const known = parsed(one, service)
    if (known.name !== given.name || !either(known.service, given.service) || !either(known.qualifier, given.qualifier)) return false
    return service === 's3' || (either(known.region, given.region) && either(known.account, given.account))
  })
}

module.exports = { matched, parsed }
