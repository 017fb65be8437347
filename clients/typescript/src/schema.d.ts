// Made by "npm run types" from the server's document. Do not edit.

export interface paths {
    "/api/v1/creators/analytics/traffic": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Traffic sources
         * @description Where visits come from. A visit is one session; its source is determined when it starts. Without visits the list is empty.
         */
        get: operations["traffic"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/creators/analytics/query": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Query
         * @description Counts metrics by dimensions over a range of time, with filters. Every number equals a recount of the page's rows at one instant. `docs/api.md` defines each metric and dimension. Invalid input gets one detail for each field, with the most similar valid name. 503 also means that the answer needs more memory than is free.
         */
        post: operations["query"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/creators/analytics/sources": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Named sources
         * @description Where the visits came from, ready to show: names, icons, channels, and how each visit is known. `docs/api.md` has the ladder that decides it. All figures are of one instant; the sources shown and `rest` add up to `totals`.
         */
        get: operations["sources"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        AnswerRow: {
            /** @description The value of each dimension; null if it is unknown. */
            dimensions: (string | null)[];
            /** @description In the order of the query. */
            metrics: number[];
            /** @description The metrics in the comparison range; null without a comparison. A metric is null if that range has no such bucket. */
            comparison: (number | null)[] | null;
        };
        /** @description How many visits have a known source. */
        Coverage: {
            /** @description Visits whose rung is not `none`, in percent of all, two decimals. */
            attributed: number;
            rungs: components["schemas"]["Rungs"];
        };
        /** @description The shape of every failure. */
        Failure: {
            /** @constant */
            success: false;
            error: components["schemas"]["FailureError"];
        };
        /** @description One problem. */
        FailureDetail: {
            /** @description In English. */
            message: string;
        };
        /** @description What failed. */
        FailureError: {
            /**
             * @description A fixed code for programs. A later version may add codes: treat one that you do not know by its HTTP status.
             * @enum {string}
             */
            code: "AUTH_UNAUTHORIZED" | "BIO_NOT_FOUND" | "CONFLICT" | "CREATOR_NOT_FOUND" | "FORBIDDEN" | "INTERNAL_ERROR" | "INVITATION_NOT_FOUND" | "KEY_NOT_FOUND" | "LINK_NOT_FOUND" | "MEMBER_NOT_FOUND" | "METHOD_NOT_ALLOWED" | "NOT_FOUND" | "PASSKEY_NOT_FOUND" | "PAYLOAD_TOO_LARGE" | "PLACEMENT_NOT_FOUND" | "RATE_LIMIT_EXCEEDED" | "SERVICE_UNAVAILABLE" | "SESSION_NOT_FOUND" | "SHARED_VIEW_NOT_FOUND" | "SITE_NOT_FOUND" | "UNKNOWN_HOST" | "UNSUPPORTED_MEDIA_TYPE" | "VALIDATION_ERROR" | "WEBHOOK_NOT_FOUND";
            /** @description For developers, in English. */
            message: string;
            /**
             * @description The key of your own text. A later version may add keys: show `message` for one that you do not know.
             * @enum {string}
             */
            i18nKey: "auth.login.code_required" | "auth.login.invalid_code" | "auth.login.invalid_credentials" | "auth.passkey_not_found" | "auth.refresh.invalid_token" | "auth.refresh.token_reuse_detected" | "auth.session_not_found" | "auth.sign_up.invitation_not_found" | "error.auth.unauthorized" | "error.conflict" | "error.creator.bio_not_found" | "error.creator.key_not_found" | "error.creator.link_not_found" | "error.creator.member_not_found" | "error.creator.not_found" | "error.creator.placement_not_found" | "error.creator.shared_view_not_found" | "error.creator.site_not_found" | "error.creator.webhook_not_found" | "error.forbidden" | "error.internal" | "error.key.forbidden" | "error.method_not_allowed" | "error.not_found" | "error.payload_too_large" | "error.rate_limit.exceeded" | "error.unavailable" | "error.unknown_host" | "error.unsupported_media_type" | "error.validation";
            /** @description Values for your own text; those that the key needs. */
            i18nVars: {
                /** @description With `error.rate_limit.exceeded`: the seconds to wait, as in `Retry-After`. */
                retryAfter?: number;
            };
            /** @description One for each problem. */
            details: components["schemas"]["FailureDetail"][];
            /**
             * Format: uuid
             * @description Also in the header `X-Correlation-Id` and in the server's log.
             */
            correlationId: string;
        };
        NamedSource: {
            /** @description Its name in addresses. */
            key: string;
            /** @description The name that people know, else the tag or the domain itself; `Direct / None` where nothing is known. */
            name: string;
            /** @description The address of an SVG picture, which needs no bearer; null where there is none. */
            icon: string | null;
            /** @description The channel with most of its visits. */
            channel: string;
            visits: number;
            visitors: number;
            clicks: number;
            /** @description 100 × clicks ÷ views, two decimals. */
            clickRate: number;
            /** @description Its visits in percent of all visits of the range, two decimals. */
            share: number;
            rungs: components["schemas"]["Rungs"];
            /** @description Its visits by referrer domain, most first. */
            domains: components["schemas"]["SourceDomain"][];
        };
        /** @description A query. Absent fields have their defaults. */
        Query: {
            /** @description `today`, `yesterday`, `7d`, `30d`, `90d`, `365d` (that many whole local days, ending with today), `24h` (ending now), `week`, `month`, `year` (the current one so far), `lastMonth`, `lastYear`, `all`; or two dates `YYYY-MM-DD`, both included; or two instants with zone, the first included. Default: `30d`. */
            range?: string | string[];
            /** @description IANA name; determines when days, weeks and months begin. Default: the creator's zone, as chosen in the dashboard, else UTC. */
            timeZone?: string;
            /** @description The metrics to count: at least one, each once. */
            metrics: ("visits" | "visitors" | "views" | "clicks" | "clickers" | "clickRate" | "bounceRate" | "visitDuration" | "viewsPerVisit" | "share")[];
            /** @description The dimensions to group by. */
            dimensions?: ("source" | "channel" | "rung" | "placement" | "referrerDomain" | "referrer" | "utmSource" | "utmMedium" | "utmCampaign" | "utmTerm" | "utmContent" | "clickId" | "app" | "page" | "country" | "region" | "city" | "device" | "browser" | "os" | "language" | "link" | "visitorKind" | "hour" | "day" | "week" | "month" | "hourOfDay" | "weekday")[];
            /** @description Combined with AND. Each is `[operator, dimension, [values]]`: `is`, `isNot`, `contains`, `containsNot` (case is ignored), `matches` (`*` stands for any characters), and without values `isNull`, `isNotNull`. */
            filters?: unknown[][];
            /** @description `previous` (the range of the same length right before), `lastYear` (the same dates one year earlier), or a range of two dates or instants. */
            compare?: string | string[];
            /** @description Each is `[metric or dimension, "asc" or "desc"]`. Default: time ascending, or else the first metric descending. */
            orderBy?: unknown[][];
            /** @description The maximum number of rows. Default: `100`. */
            limit?: number;
            /** @description The number of rows to skip. Default: `0`. */
            offset?: number;
            /** @description If the only dimension is a time: whether empty buckets are rows with zeros; of `hourOfDay` and `weekday` those that the range has. Default: `false`. */
            fill?: boolean;
        };
        QueryResponse: {
            range: components["schemas"]["RangeShown"];
            /** @description Like `range`; null without a comparison. */
            comparisonRange: components["schemas"]["RangeShown"] | null;
            /** @description The ordered rows after `offset`, up to `limit`. */
            rows: components["schemas"]["AnswerRow"][];
            /** @description The number of all rows. */
            rowCount: number;
            /** @description The metrics over all rows that pass the filters, not added up from the answer's rows. */
            totals: number[];
            /** @description The totals of the comparison; null without one. */
            comparisonTotals: number[] | null;
        };
        RangeShown: {
            /**
             * Format: date-time
             * @description Included.
             */
            from: string;
            /**
             * Format: date-time
             * @description Not included.
             */
            until: string;
            /** @description Its IANA name. */
            timeZone: string;
        };
        /** @description Visits by the rung of the ladder that decided their source. */
        Rungs: {
            placement: number;
            tag: number;
            clickId: number;
            referrer: number;
            app: number;
            none: number;
        };
        SourceDomain: {
            /** @description `direct` stands for none. */
            domain: string;
            visits: number;
        };
        /** @description What `limit` and `offset` leave out. */
        SourceRest: {
            visits: number;
        };
        /** @description Of all visits in the range. */
        SourceTotals: {
            visits: number;
            /** @description Distinct ones. */
            visitors: number;
            clicks: number;
        };
        SourcesResponse: {
            range: components["schemas"]["RangeShown"];
            totals: components["schemas"]["SourceTotals"];
            coverage: components["schemas"]["Coverage"];
            sources: components["schemas"]["NamedSource"][];
            /** @description The number of all sources. */
            sourceCount: number;
            rest: components["schemas"]["SourceRest"];
        };
        /** @description One source. */
        TrafficSource: {
            /** @description The host name that a browser finds in the referrer, without the first `www.`; `direct` if there is none. */
            source: string;
            /** @description Sessions. */
            visits: number;
            /** @description Share of the visits of the rows shown, rounded half up. */
            percentage: number;
        };
        /** @description Where visits come from. */
        TrafficSources: {
            /** @description Most visits first; equal visits by source in code point order. */
            sources: components["schemas"]["TrafficSource"][];
        };
    };
    responses: {
        /** @description On every address: over 8 KiB of path and query. */
        AddressTooLong: {
            headers: {
                "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Failure"];
            };
        };
        /** @description The body or a field is invalid; one detail for each. */
        BadRequest: {
            headers: {
                "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Failure"];
            };
        };
        /** @description The caller is a member of the page that `X-Bio-Page` names, and its role does not allow this; or the scope of its API key does not. Any operation may answer so that acts on that page, or takes a bearer. */
        Forbidden: {
            headers: {
                "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Failure"];
            };
        };
        /** @description On every address: over 32 KiB of headers. */
        HeadersTooLarge: {
            headers: {
                "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Failure"];
            };
        };
        /** @description On every address: a version of HTTP that is not 1.0, 1.1 or 2. */
        HttpVersion: {
            headers: {
                "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Failure"];
            };
        };
        /** @description On every address: an error of the server. The log has the details under the correlation id. */
        Internal: {
            headers: {
                "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Failure"];
            };
        };
        /** @description On every address: the request is no valid HTTP. */
        Malformed: {
            headers: {
                "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Failure"];
            };
        };
        /** @description On every address: a method that it does not allow; `Allow` lists the allowed ones. */
        MethodNotAllowed: {
            headers: {
                "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                Allow: components["headers"]["Allow"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Failure"];
            };
        };
        /** @description The token is valid, but its user has no creator profile, or the creator has no bio page. */
        NoPage: {
            headers: {
                "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Failure"];
            };
        };
        /** @description On every address: the request did not arrive in time. */
        RequestTimeout: {
            headers: {
                "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Failure"];
            };
        };
        /** @description The body has over 128 KiB. */
        TooLarge: {
            headers: {
                "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Failure"];
            };
        };
        /** @description Too many requests; wait `Retry-After` seconds. */
        TooManyRequests: {
            headers: {
                "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Failure"];
            };
        };
        /** @description No bearer token, or one that is malformed, expired, not yet valid, or signed by neither the server nor the OIDC authority; or an API key that is unknown or was removed. */
        Unauthorized: {
            headers: {
                "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Failure"];
            };
        };
        /** @description A database is not available; try again. */
        Unavailable: {
            headers: {
                "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Failure"];
            };
        };
        /** @description On every address: the operator has not allowed this host name. */
        UnknownHost: {
            headers: {
                "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Failure"];
            };
        };
        /** @description The body is not `application/json` (or another documented type) in UTF-8. */
        UnsupportedMediaType: {
            headers: {
                "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Failure"];
            };
        };
    };
    parameters: {
        /**
         * @description The range is this many times 24 hours back from now, exact to the millisecond. Parsed like JavaScript's `parseInt`: `7abc` is 7, no number is 30, below 1 is 1, above 365 is 365. Never a 400.
         * @example 30
         */
        days: number;
    };
    requestBodies: never;
    headers: {
        /** @description The methods that the address allows. */
        Allow: string;
        /** @description Seconds to wait. */
        "Retry-After": number;
        /** @description The request's id: your own if you sent a UUID in this header, otherwise a new one. */
        "X-Correlation-Id": string;
        /** @description Allowed requests per window. */
        "X-RateLimit-Limit": number;
        /** @description Remaining requests in the window. */
        "X-RateLimit-Remaining": number;
        /** @description Seconds until the window ends. */
        "X-RateLimit-Reset": number;
    };
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    traffic: {
        parameters: {
            query?: {
                /**
                 * @description The range is this many times 24 hours back from now, exact to the millisecond. Parsed like JavaScript's `parseInt`: `7abc` is 7, no number is 30, below 1 is 1, above 365 is 365. Never a 400.
                 * @example 30
                 */
                days?: components["parameters"]["days"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Where visits come from. */
            200: {
                headers: {
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "success": true,
                     *       "data": {
                     *         "sources": [
                     *           {
                     *             "source": "instagram.com",
                     *             "visits": 4,
                     *             "percentage": 57
                     *           },
                     *           {
                     *             "source": "direct",
                     *             "visits": 2,
                     *             "percentage": 29
                     *           },
                     *           {
                     *             "source": "youtube.com",
                     *             "visits": 1,
                     *             "percentage": 14
                     *           }
                     *         ]
                     *       }
                     *     }
                     */
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["TrafficSources"];
                    };
                };
            };
            400: components["responses"]["Malformed"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NoPage"];
            405: components["responses"]["MethodNotAllowed"];
            408: components["responses"]["RequestTimeout"];
            414: components["responses"]["AddressTooLong"];
            421: components["responses"]["UnknownHost"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
            505: components["responses"]["HttpVersion"];
        };
    };
    query: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "range": "7d",
                 *       "timeZone": "Europe/Berlin",
                 *       "metrics": [
                 *         "visits",
                 *         "visitors",
                 *         "share"
                 *       ],
                 *       "dimensions": [
                 *         "source"
                 *       ],
                 *       "filters": [
                 *         [
                 *           "isNotNull",
                 *           "country"
                 *         ]
                 *       ],
                 *       "compare": "previous",
                 *       "orderBy": [
                 *         [
                 *           "visits",
                 *           "desc"
                 *         ]
                 *       ],
                 *       "limit": 100,
                 *       "offset": 0
                 *     }
                 */
                "application/json": components["schemas"]["Query"];
            };
        };
        responses: {
            /** @description The rows, exact at one instant. */
            200: {
                headers: {
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "success": true,
                     *       "data": {
                     *         "range": {
                     *           "from": "2026-04-08T22:00:00.000Z",
                     *           "until": "2026-04-15T22:00:00.000Z",
                     *           "timeZone": "Europe/Berlin"
                     *         },
                     *         "comparisonRange": {
                     *           "from": "2026-04-01T22:00:00.000Z",
                     *           "until": "2026-04-08T22:00:00.000Z",
                     *           "timeZone": "Europe/Berlin"
                     *         },
                     *         "rows": [
                     *           {
                     *             "dimensions": [
                     *               "Instagram"
                     *             ],
                     *             "metrics": [
                     *               4,
                     *               2,
                     *               66.67
                     *             ],
                     *             "comparison": [
                     *               0,
                     *               0,
                     *               0
                     *             ]
                     *           },
                     *           {
                     *             "dimensions": [
                     *               "Direct / None"
                     *             ],
                     *             "metrics": [
                     *               1,
                     *               1,
                     *               16.67
                     *             ],
                     *             "comparison": [
                     *               0,
                     *               0,
                     *               0
                     *             ]
                     *           },
                     *           {
                     *             "dimensions": [
                     *               "YouTube"
                     *             ],
                     *             "metrics": [
                     *               1,
                     *               1,
                     *               16.67
                     *             ],
                     *             "comparison": [
                     *               0,
                     *               0,
                     *               0
                     *             ]
                     *           }
                     *         ],
                     *         "rowCount": 3,
                     *         "totals": [
                     *           6,
                     *           4,
                     *           100
                     *         ],
                     *         "comparisonTotals": [
                     *           0,
                     *           0,
                     *           0
                     *         ]
                     *       }
                     *     }
                     */
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["QueryResponse"];
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NoPage"];
            405: components["responses"]["MethodNotAllowed"];
            408: components["responses"]["RequestTimeout"];
            413: components["responses"]["TooLarge"];
            414: components["responses"]["AddressTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            421: components["responses"]["UnknownHost"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
            505: components["responses"]["HttpVersion"];
        };
    };
    sources: {
        parameters: {
            query?: {
                /**
                 * @description The range is this many times 24 hours back from now, exact to the millisecond. Parsed like JavaScript's `parseInt`: `7abc` is 7, no number is 30, below 1 is 1, above 365 is 365. Never a 400.
                 * @example 30
                 */
                days?: components["parameters"]["days"];
                /**
                 * @description As in a query, as JSON or plain text; then `days` does not matter.
                 * @example 30d
                 */
                range?: string;
                /**
                 * @description As in a query.
                 * @example UTC
                 */
                timeZone?: string;
                /**
                 * @description As in a query, as JSON.
                 * @example [["isNot","device",["tablet"]]]
                 */
                filters?: string;
                /**
                 * @description The maximum of sources shown.
                 * @example 15
                 */
                limit?: number;
                /**
                 * @description How many sources to leave out before those.
                 * @example 0
                 */
                offset?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The sources, most visits first; equal ones by name. */
            200: {
                headers: {
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "success": true,
                     *       "data": {
                     *         "range": {
                     *           "from": "2026-03-17T00:00:00.000Z",
                     *           "until": "2026-04-16T00:00:00.000Z",
                     *           "timeZone": "UTC"
                     *         },
                     *         "totals": {
                     *           "visits": 6,
                     *           "visitors": 3,
                     *           "clicks": 4
                     *         },
                     *         "coverage": {
                     *           "attributed": 66.67,
                     *           "rungs": {
                     *             "placement": 0,
                     *             "tag": 0,
                     *             "clickId": 0,
                     *             "referrer": 4,
                     *             "app": 0,
                     *             "none": 2
                     *           }
                     *         },
                     *         "sources": [
                     *           {
                     *             "key": "instagram",
                     *             "name": "Instagram",
                     *             "icon": "https://links.example/api/v1/creators/analytics/icons/instagram.svg",
                     *             "channel": "Organic Social",
                     *             "visits": 4,
                     *             "visitors": 2,
                     *             "clicks": 4,
                     *             "clickRate": 57.14,
                     *             "share": 66.67,
                     *             "rungs": {
                     *               "placement": 0,
                     *               "tag": 0,
                     *               "clickId": 0,
                     *               "referrer": 4,
                     *               "app": 0,
                     *               "none": 0
                     *             },
                     *             "domains": [
                     *               {
                     *                 "domain": "instagram.com",
                     *                 "visits": 4
                     *               }
                     *             ]
                     *           },
                     *           {
                     *             "key": "direct",
                     *             "name": "Direct / None",
                     *             "icon": null,
                     *             "channel": "Direct",
                     *             "visits": 2,
                     *             "visitors": 1,
                     *             "clicks": 0,
                     *             "clickRate": 0,
                     *             "share": 33.33,
                     *             "rungs": {
                     *               "placement": 0,
                     *               "tag": 0,
                     *               "clickId": 0,
                     *               "referrer": 0,
                     *               "app": 0,
                     *               "none": 2
                     *             },
                     *             "domains": [
                     *               {
                     *                 "domain": "direct",
                     *                 "visits": 2
                     *               }
                     *             ]
                     *           }
                     *         ],
                     *         "sourceCount": 2,
                     *         "rest": {
                     *           "visits": 0
                     *         }
                     *       }
                     *     }
                     */
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["SourcesResponse"];
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NoPage"];
            405: components["responses"]["MethodNotAllowed"];
            408: components["responses"]["RequestTimeout"];
            414: components["responses"]["AddressTooLong"];
            421: components["responses"]["UnknownHost"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
            505: components["responses"]["HttpVersion"];
        };
    };
}
