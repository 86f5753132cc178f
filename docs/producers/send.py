"""Send the lines of standard input to Sluice's queue: send.py QUEUE_URL COLLECTION

Needs boto3. Each line is one message; its id is made of its place and content, so that
the same input sent again changes nothing.
"""

import hashlib
import sys
import time

import boto3

BATCH, BYTES = 10, 1024 * 1024  # SQS's limits of a request


def entry(number, line, collection):
    text = lambda value: {"DataType": "String", "StringValue": value}
    return {
        "Id": str(number),
        "MessageBody": line,
        "MessageAttributes": {
            "collection": text(collection),
            "id": text(hashlib.sha256(f"{number}\0{line}".encode()).hexdigest()[:32]),
        },
    }


def size(e):
    attributes = e["MessageAttributes"].items()
    return len(e["MessageBody"].encode()) + sum(len(name) + len("String") + len(v["StringValue"]) for name, v in attributes)


def batches(entries):
    batch, total = [], 0
    for e in entries:
        if batch and (len(batch) == BATCH or total + size(e) > BYTES):
            yield batch
            batch, total = [], 0
        batch.append(e)
        total += size(e)
    if batch:
        yield batch


def send(sqs, queue, batch, tries=8):
    for attempt in range(tries):
        answer = sqs.send_message_batch(QueueUrl=queue, Entries=batch)
        refused = [f for f in answer.get("Failed", []) if f["SenderFault"]]
        if refused:
            sys.exit(f"line {refused[0]['Id']} is refused: {refused[0]['Code']}")
        taken = {s["Id"] for s in answer.get("Successful", [])}
        batch = [e for e in batch if e["Id"] not in taken]
        if not batch:
            return
        time.sleep(0.1 * 2**attempt)
    sys.exit(f"the queue did not take line {batch[0]['Id']}")


def main():
    queue, collection = sys.argv[1:]
    sqs = boto3.client("sqs")
    lines = (line.rstrip("\n") for line in sys.stdin)
    for batch in batches(entry(n, line, collection) for n, line in enumerate(lines, 1) if line):
        send(sqs, queue, batch)


main()
