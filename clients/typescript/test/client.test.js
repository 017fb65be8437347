import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, test } from "node:test";
import { BioscopeError, getTraffic, query, sources } from "../dist/index.js";

// Answers as the current test says, and remembers what it was asked.
let answer = {};
let asked;
const server = createServer((request, response) => {
  let body = "";
  request.on("data", (part) => (body += part));
  request.on("end", () => {
    asked = { method: request.method, url: request.url, headers: request.headers, body };
    response.writeHead(answer.status ?? 200, { "Content-Type": "application/json", ...answer.headers });
    response.end(answer.body ?? JSON.stringify({ success: true, data: answer.data ?? {} }));
  });
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
after(() => server.close());
const connection = { server: `http://127.0.0.1:${server.address().port}/of/anna/`, accessToken: "token" };

const caught = async (promise) => {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  return assert.fail("Nothing was thrown.");
};

test("getTraffic returns the data and asks for 30 days", async () => {
  answer = { data: { sources: [{ source: "direct", visits: 2, percentage: 100 }] } };
  assert.deepEqual(await getTraffic(connection), answer.data);
  assert.equal(asked.url, "/of/anna/api/v1/creators/analytics/traffic?days=30");
  assert.equal(asked.headers.authorization, "Bearer token");
  await getTraffic({ ...connection, days: 7 });
  assert.match(asked.url, /days=7$/);
});

test("query sends its question as JSON", async () => {
  answer = {};
  const question = { metrics: ["visits"], filters: [["is", "country", ["DE"]]], range: ["2026-01-01", "2026-01-31"] };
  await query({ ...connection, query: question });
  assert.deepEqual([asked.method, asked.headers["content-type"], JSON.parse(asked.body)], ["POST", "application/json", question]);
});

test("sources sends only what is given, encoded", async () => {
  answer = {};
  await sources({ ...connection, range: ["2026-01-01", "2026-01-31"], filters: [["is", "city", ["A&B=C"]]], limit: 3 });
  const fields = new URL(asked.url, "http://server.example").searchParams;
  assert.deepEqual(Object.fromEntries(fields), {
    range: '["2026-01-01","2026-01-31"]', filters: '[["is","city",["A&B=C"]]]', limit: "3",
  });
});

test("the token may come from a function, each time", async () => {
  answer = {};
  let count = 0;
  const accessToken = async () => `token${++count}`;
  await getTraffic({ ...connection, accessToken });
  await getTraffic({ ...connection, accessToken });
  assert.equal(asked.headers.authorization, "Bearer token2");
});

test("a refusal becomes an error with everything that the server says", async () => {
  const failure = {
    code: "RATE_LIMIT_EXCEEDED", message: "Too many requests.", i18nKey: "error.rate_limit.exceeded", i18nVars: { retryAfter: 12 },
    details: [{ message: "Wait." }], correlationId: "019d9103-3600-7fc2-84f0-b0cf3ba7f7b5",
  };
  answer = { status: 429, headers: { "Retry-After": "12" }, body: JSON.stringify({ success: false, error: failure }) };
  const error = await caught(getTraffic(connection));
  assert.ok(error instanceof BioscopeError);
  const { status, code, i18nKey, i18nVars, details, correlationId, retryAfter, message } = error;
  assert.deepEqual({ status, code, i18nKey, i18nVars, details, correlationId, retryAfter, message }, {
    ...failure, status: 429, retryAfter: 12, details: ["Wait."], message: "Too many requests. Wait.",
  });
});

test("a code of a later server is passed on", async () => {
  answer = { status: 402, body: '{"success":false,"error":{"code":"LATER","message":"Later.","i18nKey":"error.later","details":[null]}}' };
  const error = await caught(getTraffic(connection));
  assert.deepEqual([error.status, error.code, error.i18nKey, error.details], [402, "LATER", "error.later", [""]]);
});

for (const [name, given] of Object.entries({
  "a page of a proxy": { status: 502, body: "<html>Bad gateway</html>" },
  "an empty answer": { status: 200, body: "" },
  "a sign-in page with 200": { status: 200, body: "<html>Sign in</html>" },
  "JSON of something else": { status: 200, body: '{"ok":true}' },
  "an error of something else": { status: 500, body: '{"error":"broken"}' },
  "JSON null": { status: 200, body: "null" },
})) {
  test(`${name} is an error without a code`, async () => {
    answer = given;
    const error = await caught(sources(connection));
    assert.ok(error instanceof BioscopeError);
    assert.deepEqual([error.status, error.code, error.i18nVars, error.details], [given.status, undefined, {}, []]);
  });
}

test("a signal ends the call", async () => {
  const stop = new AbortController();
  stop.abort();
  assert.equal((await caught(getTraffic({ ...connection, signal: stop.signal }))).name, "AbortError");
});

// clients/check starts a server with demo data and names it here.
const live = process.env.BIOSCOPE_URL && { server: process.env.BIOSCOPE_URL, accessToken: process.env.BIOSCOPE_TOKEN };
test("a real server answers all three, and refuses as documented", { skip: !live }, async () => {
  const traffic = await getTraffic(live);
  assert.ok(traffic.sources.length > 1 && traffic.sources[0].visits >= traffic.sources[1].visits);
  const rows = await query({ ...live, query: { metrics: ["visits"], dimensions: ["source"], range: "30d", filters: [["isNotNull", "country"]], limit: 3 } });
  assert.equal(rows.rows.length, 3);
  const named = await sources({ ...live, range: "7d", filters: [["isNot", "device", ["tablet"]]], limit: 2 });
  assert.equal(named.sources.length, 2);
  const wrong = await caught(query({ ...live, query: { metrics: ["visit"] } }));
  assert.deepEqual([wrong.status, wrong.code, wrong.i18nKey], [400, "VALIDATION_ERROR", "error.validation"]);
  assert.match(wrong.details[0], /visits/);
  const nobody = await caught(getTraffic({ ...live, accessToken: "none" }));
  assert.deepEqual([nobody.status, nobody.code], [401, "AUTH_UNAUTHORIZED"]);
  assert.match(nobody.correlationId, /^[0-9a-f-]{36}$/);
});
