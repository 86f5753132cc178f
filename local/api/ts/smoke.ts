// The smoke test of the client that openapi-typescript generates from the API's document:
// it posts an order, finds it, reads it, and is refused what is wrong.
import assert from "node:assert/strict";
import createClient from "openapi-fetch";
import type { paths } from "./api.js";

const client = createClient<paths>({ baseUrl: process.argv[2] });
const path = { collection: "orders" };
const id = "ts-" + Date.now().toString(36);

const posted = await client.POST("/v1/{collection}/documents", {
  params: { path },
  body: { id, version: 7, status: "open" },
});
assert.equal(posted.data?.items[0]?.status, "accepted", JSON.stringify(posted.error));

const until = Date.now() + 60_000;
for (;;) {
  const found = await client.GET("/v1/{collection}/search", { params: { path, query: { filter: [`id:${id}`] } } });
  assert.equal(found.data?.completeness.complete, true, JSON.stringify(found.error));
  if (found.data?.documents.length === 1) break;
  assert.ok(Date.now() < until, `${id} is not found`);
  await new Promise((resolve) => setTimeout(resolve, 200));
}

const read = await client.GET("/v1/{collection}/documents/{id}", { params: { path: { ...path, id } } });
assert.equal(read.data?.source["status"], "open");

const refused = await client.GET("/v1/{collection}/search", { params: { path, query: { q: "nope:1" } } });
assert.equal(refused.error?.status, 400);

console.log("TypeScript client: posted, found, read, refused");
