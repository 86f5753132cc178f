// Send the lines of standard input to Sluice's queue: node send.mjs QUEUE_URL COLLECTION
//
// Needs @aws-sdk/client-sqs. Each line is one message; its id is made of its place and
// content, so that the same input sent again changes nothing.
import { createHash } from "node:crypto";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { SendMessageBatchCommand, SQSClient } from "@aws-sdk/client-sqs";

const [queue, collection] = process.argv.slice(2);
const sqs = new SQSClient({});
const BATCH = 10, BYTES = 1024 * 1024; // SQS's limits of a request

function entry(number, line) {
  const text = (value) => ({ DataType: "String", StringValue: value });
  const id = createHash("sha256").update(`${number}\0${line}`).digest("hex").slice(0, 32);
  return { Id: String(number), MessageBody: line, MessageAttributes: { collection: text(collection), id: text(id) } };
}

function size(e) {
  const attributes = Object.entries(e.MessageAttributes);
  return attributes.reduce((n, [name, v]) => n + name.length + "String".length + v.StringValue.length, Buffer.byteLength(e.MessageBody));
}

async function send(batch, tries = 8) {
  for (let attempt = 0; attempt < tries; attempt++) {
    const answer = await sqs.send(new SendMessageBatchCommand({ QueueUrl: queue, Entries: batch }));
    const refused = answer.Failed?.find((f) => f.SenderFault);
    if (refused) throw new Error(`line ${refused.Id} is refused: ${refused.Code}`);
    const taken = new Set(answer.Successful?.map((s) => s.Id));
    batch = batch.filter((e) => !taken.has(e.Id));
    if (batch.length === 0) return;
    await setTimeout(100 * 2 ** attempt);
  }
  throw new Error(`the queue did not take line ${batch[0].Id}`);
}

let number = 0, batch = [], total = 0;
for await (const line of createInterface({ input: process.stdin })) {
  number++;
  if (line === "") continue;
  const e = entry(number, line);
  if (batch.length > 0 && (batch.length === BATCH || total + size(e) > BYTES)) {
    await send(batch);
    batch = [], total = 0;
  }
  batch.push(e);
  total += size(e);
}
if (batch.length > 0) await send(batch);
