'use strict'
// A handler with the SDKs themselves; what goes out is answered here instead of by a network.
const { SQSClient, SendMessageCommand } = require('@aws-sdk/client-sqs')
const { SNS } = require('@aws-sdk/client-sns')
const { EventBridgeClient, PutEventsCommand } = require('@aws-sdk/client-eventbridge')
const { LambdaClient, InvokeCommand } = require('@aws-sdk/client-lambda')
const { S3Client, PutObjectCommand } = require('@aws-sdk/client-s3')
const { DynamoDBClient } = require('@aws-sdk/client-dynamodb')
const { DynamoDBDocumentClient, PutCommand, UpdateCommand } = require('@aws-sdk/lib-dynamodb')
const AWS = require('aws-sdk')
const { Readable } = require('node:stream')

const item = (n) => ({ id: { S: '1' }, n: { N: String(n) } })
function answer(headers) {
  const operation = (headers['x-amz-target'] ?? headers['X-Amz-Target'] ?? '').split('.').pop()
  if (operation === 'PutItem') return { Attributes: item(1) }
  if (operation === 'GetItem') return { Item: item(1) }
  if (operation === 'UpdateItem') return { Attributes: item(3) }
  return {}
}
const requestHandler = {
  handle: async (request) => {
    const text = request.hostname.includes('dynamodb') ? JSON.stringify(answer(request.headers)) : ''
    return { response: { statusCode: 200, headers: { etag: '"e"' }, body: Readable.from([Buffer.from(text)]) } }
  },
}
AWS.HttpClient.prototype.handleRequest = AWS.NodeHttpClient.prototype.handleRequest = function (request, options, done) {
  const response = Readable.from([Buffer.from(JSON.stringify(answer(request.headers)))])
  Object.assign(response, { statusCode: 200, headers: {} })
  setImmediate(() => { done(response); response.emit('headers', 200, {}, 'OK') })
  return response
}

const QUEUE = 'https://sqs.eu-west-1.amazonaws.com/123456789012/orders'
exports.handler = async () => {
  await new SQSClient({}).send(new SendMessageCommand({ QueueUrl: QUEUE, MessageBody: 'three' }))
  await new SNS({}).publish({ TopicArn: 'arn:aws:sns:eu-west-1:123456789012:paid', Message: 'm' })
  await new EventBridgeClient({}).send(new PutEventsCommand({ Entries: [{ Source: 's', DetailType: 't', Detail: '{}' }] }))
  await new LambdaClient({}).send(new InvokeCommand({ FunctionName: 'ship', InvocationType: 'Event', Payload: '{}' }))
  await new S3Client({ requestHandler }).send(new PutObjectCommand({ Bucket: 'b', Key: 'k', Body: 'body' }))
  const document = DynamoDBDocumentClient.from(new DynamoDBClient({ requestHandler }))
  const put = await document.send(new PutCommand({ TableName: 't', Item: { id: '1', n: 2 } }))
  if (put.Attributes) throw new Error('the handler did not ask for the old item')
  await document.send(new UpdateCommand({ TableName: 't', Key: { id: '1' }, UpdateExpression: 'SET n = n + :one', ExpressionAttributeValues: { ':one': 2 } }))
  const sqs = new AWS.SQS()
  await sqs.sendMessage({ QueueUrl: QUEUE, MessageBody: 'two' }).promise()
  await new Promise((resolve, reject) => sqs.sendMessage({ QueueUrl: QUEUE, MessageBody: 'call back' }, (error) => (error ? reject(error) : resolve())))
  await new AWS.SNS().publish({ TopicArn: 'arn:aws:sns:eu-west-1:123456789012:paid', Message: 'm' }).promise()
  await new AWS.DynamoDB.DocumentClient().put({ TableName: 't', Item: { id: '1', n: 2 } }).promise()
  return 'done'
}
