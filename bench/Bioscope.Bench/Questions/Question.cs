namespace Bioscope.Bench.Questions;

/// <summary>A question of the query API, and plain SQL over the raw rows that gives the same figures.</summary>
/// <param name="Name">What it asks, for people.</param>
/// <param name="Query">As <c>GET …/query?q=</c> takes it; words in braces are those of <see cref="QuestionWords"/>.</param>
/// <param name="Sql">
/// Selects the values of the dimensions, then what is counted, named as in <see cref="Engine.Counting.Tally"/>. It is asked again for the
/// range of a comparison. The words in braces are what differs between engines.
/// </param>
internal sealed record Question(string Name, string Query, string Sql)
{
    /// <summary>How many rows the answer has at most: the API's default.</summary>
    public const int Limit = 100;

    private const string Headline = """
        "metrics":["visits","visitors","views","clicks","clickers","clickRate","bounceRate","visitDuration","viewsPerVisit"]
        """;

    /// <summary>One of each kind that the API answers.</summary>
    public static IReadOnlyList<Question> All { get; } =
    [
        new(
            "headline figures, 365 days",
            $$"""{"range":"365d",{{Headline}}}""",
            HeadlineSql("TRUE")),
        new(
            "headline figures of a source, 224 days of Kolkata",
            $$"""{"range":["{day-237}","{day-14}"],"timeZone":"Asia/Kolkata",{{Headline}},"filters":[["is","source",["Instagram"]]]}""",
            HeadlineSql("{isInstagram}")),
        new(
            "visits and visitors by referrer domain, 365 days",
            """{"range":"365d","metrics":["visits","visitors"],"dimensions":["referrerDomain"]}""",
            """
            SELECT COALESCE(s."referrerDomain", 'direct'), COUNT(*) AS visits, COUNT(DISTINCT s."visitorId") AS visitors
            FROM {visits} GROUP BY 1
            """),
        new(
            "views, clicks and click rate by source, 365 days",
            """{"range":"365d","metrics":["views","clicks","clickRate"],"dimensions":["source"]}""",
            """
            SELECT {source}, COUNT(*) - COUNT(v."linkClicked") AS views, COUNT(v."linkClicked") AS clicks
            FROM {views} GROUP BY 1
            """),
        new(
            "clicks and visits by source × link, 365 days",
            """{"range":"365d","metrics":["clicks","visits"],"dimensions":["source","link"]}""",
            """
            SELECT {source}, CAST(v."linkClicked" AS {text}), COUNT(*) AS clicks,
              COUNT(DISTINCT CASE WHEN s."startedAt" >= {from} AND s."startedAt" < {until} THEN s."id" END) AS visits
            FROM {views} AND v."linkClicked" IS NOT NULL GROUP BY 1, 2
            """),
        new(
            "visits and visitors by country × device, 224 days",
            """{"range":["{day-237}","{day-14}"],"metrics":["visits","visitors"],"dimensions":["country","device"]}""",
            """
            SELECT s."countryCode", s."device", COUNT(*) AS visits, COUNT(DISTINCT s."visitorId") AS visitors
            FROM {visits} GROUP BY 1, 2
            """),
        new(
            "days of Kolkata: visits, visitors and clicks of a source on phones, 365 days",
            """
            {"range":"365d","timeZone":"Asia/Kolkata","metrics":["visits","visitors","clicks"],"dimensions":["day"],
             "filters":[["is","source",["TikTok"]],["is","device",["mobile"]]]}
            """,
            """
            SELECT day, SUM(visits) AS visits, SUM(visitors) AS visitors, SUM(clicks) AS clicks FROM (
              SELECT {dayOfStartedAt} AS day, COUNT(*) AS visits, COUNT(DISTINCT s."visitorId") AS visitors, 0 AS clicks
              FROM {visits} AND {isTikTok} AND s."device" = 'mobile' GROUP BY 1
              UNION ALL
              SELECT {dayOfEnteredAt}, 0, 0, COUNT(*)
              FROM {views} AND v."linkClicked" IS NOT NULL AND {isTikTok} AND s."device" = 'mobile' GROUP BY 1
            ) AS both_of_them GROUP BY day
            """),
        new(
            "countries of those who clicked a link, on phones without iOS, 365 days",
            """
            {"range":"365d","metrics":["visits","visitors"],"dimensions":["country"],
             "filters":[["is","link",["{link}"]],["is","device",["mobile"]],["isNot","os",["iOS"]]]}
            """,
            """
            SELECT s."countryCode", COUNT(*) AS visits, COUNT(DISTINCT s."visitorId") AS visitors
            FROM {visits} AND s."device" = 'mobile' AND s."os" IS DISTINCT FROM 'iOS' AND s."id" IN (
              SELECT v."sessionId" FROM "AnalyticsPageView" AS v
              WHERE {pageOfView} AND v."enteredAt" >= {from} AND v."enteredAt" < {until} AND v."linkClicked" = '{link}')
            GROUP BY 1
            """),
        new(
            "browsers of domains that contain, 193 days against those before",
            """
            {"range":["{day-202}","{day-10}"],"compare":"previous","metrics":["visits","visitors"],"dimensions":["browser"],
             "filters":[["contains","referrerDomain",["GRAM","tok"]]]}
            """,
            """
            SELECT s."browser", COUNT(*) AS visits, COUNT(DISTINCT s."visitorId") AS visitors
            FROM {visits} AND (LOWER(s."referrerDomain") LIKE '%gram%' OR LOWER(s."referrerDomain") LIKE '%tok%') GROUP BY 1
            """),
        new(
            "links by clicks and clickers, three filters, 365 days",
            """
            {"range":"365d","metrics":["clicks","clickers"],"dimensions":["link"],
             "filters":[["is","country",["DE","AT","CH"]],["is","device",["mobile"]],["isNot","source",["Direct / None"]]]}
            """,
            """
            SELECT CAST(v."linkClicked" AS {text}), COUNT(*) AS clicks, COUNT(DISTINCT s."visitorId") AS clickers
            FROM {views} AND v."linkClicked" IS NOT NULL
              AND s."countryCode" IN ('DE', 'AT', 'CH') AND s."device" = 'mobile' AND s."referrerDomain" IS NOT NULL
            GROUP BY 1
            """),
        new(
            "visits by hour of the day × weekday in Kolkata, 365 days",
            """{"range":"365d","timeZone":"Asia/Kolkata","metrics":["visits"],"dimensions":["hourOfDay","weekday"]}""",
            """
            SELECT {hourOfStartedAt}, {weekdayOfStartedAt}, COUNT(*) AS visits FROM {visits} GROUP BY 1, 2
            """),
        new(
            "new and returning: visits, visitors and bounce rate, 224 days",
            """{"range":["{day-237}","{day-14}"],"metrics":["visits","visitors","bounceRate"],"dimensions":["visitorKind"]}""",
            """
            SELECT CASE WHEN s.place = 1 THEN 'new' ELSE 'returning' END, COUNT(*) AS visits, COUNT(DISTINCT s."visitorId") AS visitors,
              COUNT(CASE WHEN s."pageViews" < 2 THEN 1 END) AS bounces
            FROM (
              SELECT s."startedAt", s."visitorId", s."pageViews",
                ROW_NUMBER() OVER (PARTITION BY s."visitorId" ORDER BY s."startedAt", s."id") AS place
              FROM "AnalyticsSession" AS s WHERE {pageOfSession}
            ) AS s
            WHERE s."startedAt" >= {from} AND s."startedAt" < {until} GROUP BY 1
            """),
    ];

    private static string HeadlineSql(string filter) => $$"""
        SELECT * FROM (
          SELECT COUNT(*) AS visits, COUNT(DISTINCT s."visitorId") AS visitors, COUNT(CASE WHEN s."pageViews" < 2 THEN 1 END) AS bounces,
            COUNT(CASE WHEN s."duration" > 0 THEN 1 END) AS timed, SUM(CASE WHEN s."duration" > 0 THEN s."duration" END) AS seconds,
            SUM(s."pageViews") AS pageViews
          FROM {visits} AND {{filter}}
        ) AS sessions, (
          SELECT COUNT(*) - COUNT(v."linkClicked") AS views, COUNT(v."linkClicked") AS clicks,
            COUNT(DISTINCT CASE WHEN v."linkClicked" IS NOT NULL THEN s."visitorId" END) AS clickers
          FROM {views} AND {{filter}}
        ) AS page_views
        """;
}
