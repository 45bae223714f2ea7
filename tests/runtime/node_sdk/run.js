'use strict'
// Runs one invocation through the outbox in a world of its own: {environment, event, context, state} in, {answer|error, went} out.
const { outbox, event, context, state } = JSON.parse(require('node:fs').readFileSync(0, 'utf8'))
const went = []
const objects = new Map()
const items = new Map(Object.entries(state?.items ?? {}))
const fails = new Set(state?.fails ?? [])
const keyOf = (params) => JSON.stringify((params.Key ?? params.Item).id)

globalThis.world = async (service, operation, params) => {
  went.push({ service, operation, params: operation === 'PutObject' ? { ...params, Body: String(params.Body) } : params })
  if (fails.has(operation)) throw Object.assign(new Error(`no ${operation}`), { name: state.error ?? 'Refused', code: state.error ?? 'Refused' })
  const key = service === 'DynamoDB' && keyOf(params)
  const old = items.get(key)
  switch (operation) {
    case 'PutItem': items.set(key, params.Item); return params.ReturnValues === 'ALL_OLD' && old ? { Attributes: old } : {}
    case 'UpdateItem': items.set(key, { ...old, ...params.Key, n: { N: '2' } }); return params.ReturnValues === 'ALL_NEW' ? { Attributes: items.get(key) } : {}
    case 'DeleteItem': items.delete(key); return params.ReturnValues === 'ALL_OLD' && old ? { Attributes: old } : {}
    case 'GetItem': return old ? { Item: old } : {}
    case 'PutObject': objects.set(`${params.Bucket}/${params.Key}`, String(params.Body)); return { ETag: '"e"' }
    case 'GetObject': return { Body: { transformToString: async () => objects.get(`${params.Bucket}/${params.Key}`) ?? state.object }, ContentLength: 1 }
    case 'PutEvents': return { FailedEntryCount: 0, Entries: params.Entries.map((one, at) => ({ EventId: `real-${at}` })) }
    case 'SendMessageBatch': return { Successful: params.Entries.map(({ Id }) => ({ Id, MessageId: `real-${Id}` })), Failed: [] }
    case 'StartDocumentAnalysis': return { JobId: 'job-1' }
    default: return { MessageId: 'real' }
  }
}

const { handler } = require(outbox)
Promise.resolve()
  .then(() => new Promise((resolve, reject) => {
    const returned = handler(event, context, (error, result) => (error ? reject(error) : resolve(result)))
    if (typeof returned?.then === 'function') returned.then(resolve, reject)
  }))
  .then((answer) => ({ answer }), (error) => ({ error: { name: error.name, message: error.message } }))
  .then((outcome) => process.stdout.write(`\n${JSON.stringify({ ...outcome, went })}\n`))
