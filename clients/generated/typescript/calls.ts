// Calls a real server by the types that openapi-typescript makes of its document. What does not fit is an error of the compiler.
import createClient from "openapi-fetch";
import type { paths } from "./schema.js";

declare const process: { env: Record<string, string | undefined> };

function expect(isTrue: boolean, what: string): asserts isTrue {
  if (!isTrue) throw new Error(`Not as expected: ${what}`);
}

const { BIOSCOPE_URL: baseUrl = "", BIOSCOPE_TOKEN: token = "" } = process.env;
const client = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${token}` } });

const traffic = await client.GET("/api/v1/creators/analytics/traffic", { params: { query: { days: 30 } } });
expect(traffic.data !== undefined, "traffic answers");
const success: true = traffic.data.success;
const visits: number[] = traffic.data.data.sources.map((source) => source.visits);
expect(success && visits.length > 1 && visits[0]! >= visits[1]!, "traffic has sources, most visits first");

const answer = await client.POST("/api/v1/creators/analytics/query", {
  body: { metrics: ["visits", "share"], dimensions: ["source"], range: ["2026-01-01", "2026-12-31"], compare: "previous" },
});
expect(answer.data !== undefined, "query answers");
const before: string | undefined = answer.data.data.comparisonRange?.from;
expect(before !== undefined && answer.data.data.rows.length > 1, "query has rows and a comparison");

const named = await client.GET("/api/v1/creators/analytics/sources", { params: { query: { range: "7d", limit: 2 } } });
expect(named.data?.data.sources.length === 2, "sources has two");

const wrong = await client.GET("/api/v1/creators/analytics/sources", { params: { query: { timeZone: "Nowhere/None" } } });
expect(wrong.error !== undefined, "an unknown zone is refused");
const code: "VALIDATION_ERROR" | "AUTH_UNAUTHORIZED" | (string & {}) = wrong.error.error.code;
const wait: number | undefined = wrong.error.error.i18nVars.retryAfter;
expect(wrong.response.status === 400 && code === "VALIDATION_ERROR" && wait === undefined, "it says why");

const nobody = await createClient<paths>({ baseUrl }).GET("/api/v1/creators/analytics/traffic");
expect(nobody.error?.error.i18nKey === "error.auth.unauthorized", "no token is refused");
console.log("openapi-typescript, openapi-fetch: traffic, query and sources answer; refusals are typed.");
