import type { components, operations } from "./schema.js";

type Schemas = components["schemas"];

export type TrafficSources = Schemas["TrafficSources"];
export type TrafficSource = Schemas["TrafficSource"];
export type QueryResponse = Schemas["QueryResponse"];
export type SourcesResponse = Schemas["SourcesResponse"];
export type NamedSource = Schemas["NamedSource"];

/** One that this version knows, or one that a later server adds. */
type Open<T extends string> = T | (string & {});

export type ErrorCode = Open<Schemas["FailureError"]["code"]>;
export type I18nKey = Open<Schemas["FailureError"]["i18nKey"]>;
export type I18nVars = Schemas["FailureError"]["i18nVars"];

/** A condition, such as `["is", "country", ["DE", "AT"]]` or `["isNotNull", "country"]`. */
export type Filter =
  | readonly [operator: Open<"is" | "isNot" | "contains" | "containsNot" | "matches">, dimension: string, values: readonly string[]]
  | readonly [operator: "isNull" | "isNotNull", dimension: string];

/** `7d`, `30d`, `month`, `all` and others; or two dates, both included; or two instants, the first included. */
export type Range = string | readonly [string, string];

/** What to count. What is absent has its default. */
export interface Query extends Omit<Schemas["Query"], "range" | "filters" | "compare" | "orderBy" | "dimensions"> {
  dimensions?: Schemas["Query"]["dimensions"];
  range?: Range;
  filters?: readonly Filter[];
  /** `previous`, `lastYear`, or a range. */
  compare?: Range;
  orderBy?: readonly (readonly [metricOrDimension: string, order: "asc" | "desc"])[];
}

/** Where the server is, and who asks. */
export interface Connection {
  /** Such as `https://stats.example`, with the base path if there is one. */
  server: string | URL;
  /** The creator's bearer token, or what returns one; it is asked before each call, because a token works for 15 minutes. */
  accessToken: string | (() => string | Promise<string>);
  /** Instead of the global `fetch`. */
  fetch?: typeof globalThis.fetch;
  /** Ends the call. */
  signal?: AbortSignal;
}

/** Which sources to show. What is absent has its default. */
export interface SourcesOptions extends Omit<NonNullable<operations["sources"]["parameters"]["query"]>, "range" | "filters"> {
  range?: Range;
  filters?: readonly Filter[];
}

/** The server refused a call, or something before it did. */
export class BioscopeError extends Error {
  override readonly name = "BioscopeError";

  constructor(
    message: string,
    /** The HTTP status. One from 200 to 299 means that the answer was no answer of Bioscope. */
    readonly status: number,
    /** A fixed code for programs; absent if the answer was not from Bioscope. */
    readonly code: ErrorCode | undefined,
    /** The key of your own text; absent if the answer was not from Bioscope. */
    readonly i18nKey: I18nKey | undefined,
    /** Values for your own text. */
    readonly i18nVars: I18nVars,
    /** One sentence for each problem, in English. */
    readonly details: readonly string[],
    /** Names the call in the server's log. */
    readonly correlationId: string | undefined,
    /** The seconds to wait before the next call, if the server says so. */
    readonly retryAfter: number | undefined,
  ) {
    super(message);
  }
}

/** The up to 15 referrer domains that sent most visits in the last `days` (1 to 365, by default 30), most first. */
export function getTraffic({ days = 30, ...connection }: Connection & { days?: number }): Promise<TrafficSources> {
  return send<TrafficSources>(connection, `traffic?days=${encodeURIComponent(days)}`);
}

/** Counts metrics by dimensions over a range of time, with filters. */
export function query({ query: question, ...connection }: Connection & { query: Query }): Promise<QueryResponse> {
  return send<QueryResponse>(connection, "query", question);
}

/** The sources of visits under the names that people know, with their share and how they were found. */
export function sources({ days, range, timeZone, filters, limit, offset, ...connection }: Connection & SourcesOptions): Promise<SourcesResponse> {
  const fields = new URLSearchParams();
  for (const [name, value] of Object.entries({ days, range, timeZone, filters, limit, offset })) {
    if (value !== undefined) fields.set(name, typeof value === "object" ? JSON.stringify(value) : String(value));
  }
  return send<SourcesResponse>(connection, `sources?${fields}`);
}

async function send<T>({ server, accessToken, fetch = globalThis.fetch, signal }: Connection, address: string, body?: unknown): Promise<T> {
  const token = typeof accessToken === "function" ? await accessToken() : accessToken;
  const headers: Record<string, string> = { Accept: "application/json", Authorization: `Bearer ${token}` };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const response = await fetch(`${String(server).replace(/\/+$/, "")}/api/v1/creators/analytics/${address}`, {
    headers,
    ...(body !== undefined && { method: "POST", body: JSON.stringify(body) }),
    ...(signal && { signal }),
  });
  const text = await response.text();
  const answer = parsed(text);
  if (response.ok && answer?.success === true && typeof answer.data === "object" && answer.data !== null) {
    return answer.data as T;
  }
  throw errorOf(response, answer);
}

interface Answer {
  success?: unknown;
  data?: unknown;
  error?: Partial<Schemas["FailureError"]> | undefined;
}

/** Undefined for what is no JSON object, such as a page of a proxy. */
function parsed(text: string): Answer | undefined {
  try {
    const answer: unknown = JSON.parse(text);
    return typeof answer === "object" && answer !== null ? answer : undefined;
  } catch {
    return undefined;
  }
}

function errorOf(response: Response, answer: Answer | undefined): BioscopeError {
  const given = answer?.error;
  const error = typeof given?.code === "string" ? given : {};
  const details = Array.isArray(error.details) ? error.details.map((detail: { message?: string } | null) => detail?.message ?? "") : [];
  const message = error.code === undefined
    ? `The answer with status ${response.status} is not one of Bioscope.`
    : [error.message, ...details].join(" ");
  const wait = response.headers.get("Retry-After");
  return new BioscopeError(
    message, response.status, error.code, error.i18nKey, error.i18nVars ?? {}, details,
    error.correlationId ?? response.headers.get("X-Correlation-Id") ?? undefined,
    wait !== null && /^\d+$/.test(wait) ? Number(wait) : undefined);
}
