using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Bioscope.Core;
using Bioscope.Engine.Counting;
using Bioscope.Engine.Rows;
using NodaTime;
using NodaTime.Text;

namespace Bioscope.Server.Tests.Support;

/// <summary>
/// Answers queries by examining every row again and again, as the contract describes it and without using the engine, which is compared
/// with it.
/// </summary>
internal sealed class QueryModel(IReadOnlyList<SessionRow> sessions, IReadOnlyList<PageViewRow> views, DateTimeOffset now, Naming naming)
{
    private static readonly string[] TimeDimensions = ["hour", "day", "week", "month", "hourOfDay", "weekday"];

    private readonly Dictionary<Guid, SessionRow> _byId = sessions.ToDictionary(session => session.Id);

    private readonly HashSet<Guid> _first =
    [
        .. sessions.GroupBy(session => session.VisitorId)
            .Select(visitor =>
                visitor.OrderBy(session => session.StartedAt).ThenBy(session => session.Id.ToString(), StringComparer.Ordinal).First().Id),
    ];

    /// <summary>The response's <c>data</c>.</summary>
    public JsonObject Answer(JsonObject query)
    {
        var zone = DateTimeZoneProviders.Tzdb[(string?)query["timeZone"] ?? "UTC"];
        var range = Range(query["range"] ?? "30d", zone);
        (long From, long Until)? compared = query["compare"] switch
        {
            null => null,
            JsonValue name when (string)name! == "previous" => Previous(range),
            JsonValue => LastYear(range, zone),
            var pair => Range(pair, zone).Instants,
        };
        compared = compared is { } ends && range.Days is not null
            && (string?)(query["compare"] as JsonValue) == "previous" ? PreviousDays(range, zone) : compared;
        var metrics = Texts(query["metrics"]);
        var dimensions = Texts(query["dimensions"]);
        var current = new Side(this, query, range.Instants, zone);
        var other = compared is { } window ? new Side(this, query, window, zone) : null;
        var rows = Rows(current, other, dimensions, metrics, (bool?)query["fill"] == true);
        rows = Sorted(rows, query, dimensions, metrics);
        var (limit, offset) = ((int?)query["limit"] ?? 100, (int?)query["offset"] ?? 0);
        return new JsonObject
        {
            ["range"] = Shown(range.Instants, zone),
            ["comparisonRange"] = compared is { } shown ? Shown(shown, zone) : null,
            ["rows"] = new JsonArray([.. rows.Skip(offset).Take(limit).Select(row => (JsonNode)new JsonObject
            {
                ["dimensions"] = new JsonArray([.. row.Values.Select(value => value is null ? null : JsonValue.Create(value))]),
                ["metrics"] = new JsonArray([.. row.Metrics.Select(metric => JsonValue.Create(metric))]),
                ["comparison"] = row.Comparison is null ? null : new JsonArray(
                    [.. row.Comparison.Select(metric => metric is { } number ? JsonValue.Create(number) : null)]),
            })]),
            ["rowCount"] = rows.Count,
            ["totals"] = new JsonArray([.. metrics.Select(metric => JsonValue.Create(current.Metric(metric, null)))]),
            ["comparisonTotals"] = other is null ? null : new JsonArray(
                [.. metrics.Select(metric => JsonValue.Create(other.Metric(metric, null)))]),
        };
    }

    private sealed record Row(string?[] Values, double[] Metrics, double?[]? Comparison);

    private static List<Row> Rows(Side current, Side? other, string[] dimensions, string[] metrics, bool fill)
    {
        if (dimensions.Length == 0)
        {
            return [new Row([], [.. metrics.Select(metric => current.Metric(metric, null))], other is null ? null : [.. metrics.Select(metric => (double?)other.Metric(metric, null))])];
        }

        var isPlaced = dimensions.Select(dimension => dimension is "hour" or "day" or "week" or "month").ToArray();
        var (buckets, otherBuckets) = (
            dimensions.Select(current.Buckets).ToArray(), dimensions.Select(dimension => other?.Buckets(dimension) ?? []).ToArray());
        var keys = current.Keys(metrics).ToDictionary(key => string.Join('\u0001', key.Select(Quoted)));
        foreach (var key in fill ? buckets[0].Select(value => new string?[] { value }) : [])
        {
            keys.TryAdd(Quoted(key[0]), key);
        }

        foreach (var key in other?.Keys(metrics) ?? [])
        {
            var placed = key.Select((value, i) => isPlaced[i] ? buckets[i].ElementAtOrDefault(otherBuckets[i].IndexOf(value!)) : value)
                .ToArray();
            if (!placed.Where((value, i) => isPlaced[i] && value is null).Any())
            {
                keys.TryAdd(string.Join('\u0001', placed.Select(Quoted)), placed);
            }
        }

        return [.. keys.Values.Select(key =>
        {
            var beside = key.Select((value, i) => isPlaced[i] ? otherBuckets[i].ElementAtOrDefault(buckets[i].IndexOf(value!)) : value)
                .ToArray();
            var isThere = !beside.Where((value, i) => isPlaced[i] && value is null).Any();
            return new Row(
                key,
                [.. metrics.Select(metric => current.Metric(metric, key))],
                other is null ? null : [.. metrics.Select(metric => isThere ? other.Metric(metric, beside) : (double?)null)]);
        })];

        static string Quoted(string? value) => value is null ? "-" : "=" + value;
    }

    private static List<Row> Sorted(List<Row> rows, JsonObject query, string[] dimensions, string[] metrics)
    {
        var order = query["orderBy"] is JsonArray given
            ? given.Select(item => ((string)item![0]!, (string)item[1]! == "desc")).ToList()
            : dimensions.Where(TimeDimensions.Contains).Select(dimension => (dimension, false)).DefaultIfEmpty((metrics[0], true)).ToList();
        order.AddRange(dimensions.Select(dimension => (dimension, false)));
        rows.Sort((a, b) =>
        {
            foreach (var (name, descending) in order)
            {
                var (metric, dimension) = (Array.IndexOf(metrics, name), Array.IndexOf(dimensions, name));
                var difference = metric >= 0
                    ? a.Metrics[metric].CompareTo(b.Metrics[metric]) * (descending ? -1 : 1)
                    : Compare(name, a.Values[dimension], b.Values[dimension], descending);
                if (difference != 0)
                {
                    return difference;
                }
            }

            return 0;
        });
        return rows;

        static int Compare(string name, string? a, string? b, bool descending)
        {
            if (a is null || b is null)
            {
                return (a is null).CompareTo(b is null);
            }

            var difference = name is "hourOfDay" or "weekday"
                ? int.Parse(a, CultureInfo.InvariantCulture) - int.Parse(b, CultureInfo.InvariantCulture)
                : System.Text.Encoding.UTF8.GetBytes(a).AsSpan().SequenceCompareTo(System.Text.Encoding.UTF8.GetBytes(b));
            return descending ? -difference : difference;
        }
    }

    // --- Ranges -----------------------------------------------------------------------------------------------------------------------

    private sealed record Window((long From, long Until) Instants, (LocalDate First, LocalDate Last)? Days);

    private Window Range(JsonNode json, DateTimeZone zone)
    {
        var instant = NodaTime.Instant.FromDateTimeOffset(now);
        var today = instant.InZone(zone).Date;
        if (json is JsonArray pair)
        {
            var (from, until) = ((string)pair[0]!, (string)pair[1]!);
            return from.Contains('T', StringComparison.Ordinal)
                ? new Window(
                    (Milliseconds(OffsetDateTimePattern.Rfc3339.Parse(from).Value.ToInstant()), Milliseconds(OffsetDateTimePattern.Rfc3339.Parse(until).Value.ToInstant())),
                    null)
                : Days(LocalDatePattern.Iso.Parse(from).Value, LocalDatePattern.Iso.Parse(until).Value, zone);
        }

        var month = today.With(DateAdjusters.StartOfMonth);
        return (string)json! switch
        {
            "today" => Days(today, today, zone),
            "yesterday" => Days(today.PlusDays(-1), today.PlusDays(-1), zone),
            "24h" => new Window((Milliseconds(instant) - 86_400_000, Milliseconds(instant)), null),
            "week" => Days(today.With(DateAdjusters.PreviousOrSame(IsoDayOfWeek.Monday)), today, zone),
            "month" => Days(month, today, zone),
            "year" => Days(new LocalDate(today.Year, 1, 1), today, zone),
            "lastMonth" => Days(month.PlusMonths(-1), month.PlusDays(-1), zone),
            "lastYear" => Days(new LocalDate(today.Year - 1, 1, 1), new LocalDate(today.Year - 1, 12, 31), zone),
            // A first row after today, by a clock that was ahead, leaves today.
            "all" => Days(First() is { } first ? LocalDate.Min(first.InZone(zone).Date, today) : today, today, zone),
            var days => Days(today.PlusDays(1 - int.Parse(days.TrimEnd('d'), CultureInfo.InvariantCulture)), today, zone),
        };
    }

    private NodaTime.Instant? First() => sessions.Select(session => session.StartedAt).Concat(views.Select(view => view.EnteredAt))
        .Order().Select(at => (NodaTime.Instant?)NodaTime.Instant.FromDateTimeOffset(at)).FirstOrDefault();

    private static Window Days(LocalDate first, LocalDate last, DateTimeZone zone) =>
        new(
            (Milliseconds(first.AtStartOfDayInZone(zone).ToInstant()), Milliseconds(last.PlusDays(1).AtStartOfDayInZone(zone).ToInstant())),
            (first, last));

    private static (long, long) Previous(Window range) =>
        (range.Instants.From - (range.Instants.Until - range.Instants.From), range.Instants.From);

    private static (long, long) PreviousDays(Window range, DateTimeZone zone)
    {
        var (first, last) = range.Days!.Value;
        var days = Period.DaysBetween(first, last) + 1;
        return Days(first.PlusDays(-days), first.PlusDays(-1), zone).Instants;
    }

    private static (long, long) LastYear(Window range, DateTimeZone zone) => range.Days is var (first, last)
        ? Days(first.PlusYears(-1), last.PlusYears(-1), zone).Instants
        : (YearBack(range.Instants.From), YearBack(range.Instants.Until));

    // The model uses this only for zones in which the year before has no gap.
    private static long YearBack(long at) => Milliseconds(At(at).InUtc().LocalDateTime.PlusYears(-1).InUtc().ToInstant());

    private static JsonObject Shown((long From, long Until) range, DateTimeZone zone) =>
        new() { ["from"] = Text(range.From), ["until"] = Text(range.Until), ["timeZone"] = zone.Id };

    private static string Text(long at) => InstantPattern.CreateWithInvariantCulture("uuuu-MM-dd'T'HH:mm:ss.fff'Z'").Format(At(at));

    private static NodaTime.Instant At(long milliseconds) => NodaTime.Instant.FromUnixTimeMilliseconds(milliseconds);

    private static long Milliseconds(NodaTime.Instant instant) => instant.ToUnixTimeMilliseconds();

    private static string[] Texts(JsonNode? list) => [.. (list as JsonArray ?? []).Select(item => (string)item!)];

    /// <summary>The content of a range.</summary>
    private sealed class Side
    {
        private readonly QueryModel _model;
        private readonly (long From, long Until) _range;
        private readonly DateTimeZone _zone;
        private readonly string[] _dimensions;
        private readonly List<SessionRow> _visits;
        private readonly List<PageViewRow> _views;
        private readonly List<PageViewRow> _linkClicks; // whatever filters their own time matches

        public Side(QueryModel model, JsonObject query, (long From, long Until) range, DateTimeZone zone)
        {
            (_model, _range, _zone, _dimensions) = (model, range, zone, Texts(query["dimensions"]));
            var filters = (query["filters"] as JsonArray ?? []).Select(filter => (
                Operator: (string)filter![0]!, Dimension: (string)filter[1]!,
                Values: filter.AsArray().Count > 2 ? Texts(filter[2]) : [])).ToList();
            var inRange = model.Views.Where(view => IsIn(view.EnteredAt)).ToList();
            var links = filters.Where(filter => filter.Dimension == "link").ToList();
            _visits = [.. model.Sessions.Where(session => IsIn(session.StartedAt) && Passes(session, session.Id, session.StartedAt))];
            _views =
                [.. inRange.Where(view => Passes(model._byId.GetValueOrDefault(view.SessionId), view.SessionId, view.EnteredAt) && PassesLink(view))];
            _linkClicks = [.. inRange.Where(view => view.LinkClicked is not null && PassesLink(view))];

            bool PassesLink(PageViewRow view) =>
                view.LinkClicked is null || links.TrueForAll(filter => Holds(filter, view.LinkClicked.ToString()));

            bool Passes(SessionRow? session, Guid id, DateTimeOffset at) => filters.TrueForAll(filter => filter.Dimension switch
            {
                "link" => filter.Operator is "isNot" or "containsNot" or "isNull"
                    ? inRange.TrueForAll(
                        view => view.SessionId != id || view.LinkClicked is null || Holds(filter, view.LinkClicked.ToString()))
                    : inRange.Exists(
                        view => view.SessionId == id && view.LinkClicked is not null && Holds(filter, view.LinkClicked.ToString())),
                var name when TimeDimensions.Contains(name) => Holds(filter, Local(name, at)),
                var name => Holds(filter, model.Value(name, session)),
            });
        }

        private bool IsIn(DateTimeOffset at) => at.ToUnixTimeMilliseconds() is var ms && ms >= _range.From && ms < _range.Until;

        public List<string> Buckets(string dimension) =>
            !TimeDimensions.Contains(dimension) ? [] : [.. Minutes().Select(at => Local(dimension, at)).Distinct().OrderBy(Order)];

        private static string Order(string bucket) => bucket.Length < 3 ? bucket.PadLeft(2, '0') : bucket;

        private IEnumerable<DateTimeOffset> Minutes()
        {
            for (var at = _range.From; at < _range.Until; at += 15 * 60_000 - (at % (15 * 60_000)))
            {
                yield return DateTimeOffset.FromUnixTimeMilliseconds(at);
            }
        }

        /// <summary>The combinations of values to which an item counted by a metric belongs.</summary>
        public IEnumerable<string?[]> Keys(string[] metrics)
        {
            var keys = new List<string?[]>();
            if (metrics.Any(metric => metric is not ("views" or "clicks" or "clickers" or "clickRate")))
            {
                keys.AddRange(_dimensions.Contains("link")
                    ? _visits.SelectMany(
                        visit => _linkClicks.Where(click => click.SessionId == visit.Id).Select(
                            click => Key(visit, visit.StartedAt, click.LinkClicked)))
                    : _visits.Select(visit => Key(visit, visit.StartedAt, null)));
            }

            keys.AddRange(_views.Where(view => view.LinkClicked is null ? metrics.Any(metric => metric is "views" or "clickRate") && !_dimensions.Contains("link")
                    : metrics.Any(
                        metric => metric is "clicks" or "clickRate" || (metric == "clickers" && _model._byId.ContainsKey(view.SessionId))))
                .Select(view => Key(_model._byId.GetValueOrDefault(view.SessionId), view.EnteredAt, view.LinkClicked)));
            return keys.DistinctBy(key => string.Join('\u0001', key.Select(value => value is null ? "-" : "=" + value)));
        }

        private string?[] Key(SessionRow? session, DateTimeOffset at, Guid? link) => [.. _dimensions.Select(dimension =>
            dimension == "link" ? link?.ToString() : TimeDimensions.Contains(dimension) ? Local(dimension, at) : _model.Value(
                dimension, session))];

        public double Metric(string metric, string?[]? key)
        {
            var visits = _visits.Where(visit => key is null || (_dimensions.Contains("link")
                ? _linkClicks.Exists(
                    click => click.SessionId == visit.Id && Key(visit, visit.StartedAt, click.LinkClicked).SequenceEqual(key))
                : Key(visit, visit.StartedAt, null).SequenceEqual(key))).ToList();
            var views = _views.Where(view =>
                key is null || Key(_model._byId.GetValueOrDefault(view.SessionId), view.EnteredAt, view.LinkClicked).SequenceEqual(key))
                .ToList();
            var clicks = views.Where(view => view.LinkClicked is not null).ToList();
            return metric switch
            {
                "visits" => visits.Count,
                "visitors" => visits.Select(visit => visit.VisitorId).Distinct().Count(),
                "views" => views.Count - clicks.Count,
                "clicks" => clicks.Count,
                "clickers" =>
                    clicks.Where(click => _model._byId.ContainsKey(click.SessionId))
                        .Select(click => _model._byId[click.SessionId].VisitorId).Distinct().Count(),
                "clickRate" => Percent(clicks.Count, views.Count - clicks.Count),
                "bounceRate" => Ratio(visits.Count(visit => visit.PageViews < 2), visits.Count, 0, factor: 100),
                "visitDuration" => Ratio(visits.Sum(visit => (long)visit.Duration), visits.Count(visit => visit.Duration > 0), 0),
                "viewsPerVisit" => Ratio(visits.Sum(visit => (long)visit.PageViews), visits.Count, 1),
                "share" => Percent(visits.Count, _visits.Count),
                _ => throw new ArgumentOutOfRangeException(nameof(metric), metric, null),
            };
        }

        private static double Percent(long part, long whole) => whole == 0 ? 0 : (double)(Math.Floor((10_000m * part / whole) + 0.5m) / 100);

        // Half up in IEEE doubles, as in the contract: 23 of 40 are 57 %.
        private static double Ratio(long part, long whole, int decimals, int factor = 1)
        {
            var scale = Math.Pow(10, decimals);
            return whole == 0 ? 0 : Math.Floor(((double)part / whole * factor * scale) + 0.5) / scale;
        }

        private string Local(string dimension, DateTimeOffset at)
        {
            var local = NodaTime.Instant.FromDateTimeOffset(at).InZone(_zone).LocalDateTime;
            return dimension switch
            {
                "hour" => string.Create(CultureInfo.InvariantCulture, $"{local:uuuu-MM-dd}T{local.Hour:00}:00"),
                "day" => local.Date.ToString("uuuu-MM-dd", CultureInfo.InvariantCulture),
                "week" =>
                    local.Date.With(DateAdjusters.PreviousOrSame(IsoDayOfWeek.Monday)).ToString("uuuu-MM-dd", CultureInfo.InvariantCulture),
                "month" => local.Date.With(DateAdjusters.StartOfMonth).ToString("uuuu-MM-dd", CultureInfo.InvariantCulture),
                "hourOfDay" => local.Hour.ToString(CultureInfo.InvariantCulture),
                _ => ((int)local.DayOfWeek).ToString(CultureInfo.InvariantCulture),
            };
        }

        private static bool Holds((string Operator, string Dimension, string[] Values) filter, string? value) => filter.Operator switch
        {
            "is" => value is not null && filter.Values.Contains(value),
            "isNot" => value is null || !filter.Values.Contains(value),
            "contains" => value is not null && filter.Values.Any(part => value.Contains(part, StringComparison.OrdinalIgnoreCase)),
            "containsNot" => value is null || !filter.Values.Any(part => value.Contains(part, StringComparison.OrdinalIgnoreCase)),
            "matches" => value is not null && filter.Values.Any(pattern =>
                Regex.IsMatch(
                    value, $"^{Regex.Escape(pattern).Replace("\\*", ".*", StringComparison.Ordinal)}\\z", RegexOptions.Singleline)),
            "isNull" => value is null,
            "isNotNull" => value is not null,
            _ => throw new ArgumentOutOfRangeException(nameof(filter), filter.Operator, null),
        };
    }

    private IReadOnlyList<SessionRow> Sessions => sessions;

    private IReadOnlyList<PageViewRow> Views => views;

    private string? Value(string dimension, SessionRow? session)
    {
        if (session is null)
        {
            return null;
        }

        var value = dimension switch
        {
            "source" => Source(session).Source,
            "channel" => Source(session).Channel,
            "rung" => Source(session).Rung,
            "placement" => naming.Placement(session.Placement)?.Label,
            "referrerDomain" => session.ReferrerDomain is { Length: > 0 } domain ? domain : "direct",
            "referrer" => session.Referrer is { Length: > 0 } referrer ? session.ReferrerDomain + Path(referrer) : session.ReferrerDomain,
            "utmSource" => session.Attribution.UtmSource,
            "utmMedium" => session.Attribution.UtmMedium,
            "utmCampaign" => session.Attribution.UtmCampaign,
            "utmTerm" => session.Attribution.UtmTerm,
            "utmContent" => session.Attribution.UtmContent,
            "clickId" => session.Attribution.ClickId,
            "app" => session.InAppBrowser,
            "page" => session.Page,
            "country" => session.CountryCode is { Length: > 0 } code ? code : session.Country,
            "region" => session.Region,
            "city" => session.City,
            "language" => session.Language,
            "device" => session.Device,
            "browser" => session.Browser,
            "os" => session.Os,
            "visitorKind" => _first.Contains(session.Id) ? "new" : "returning",
            _ => throw new ArgumentOutOfRangeException(nameof(dimension), dimension, null),
        };
        return value is { Length: 0 } ? null : value;
    }

    // The ladder has tests of its own.
    private SessionSource Source(SessionRow session)
    {
        var tags = session.Attribution;
        return AttributionLadder.Of(new SessionFacts
        {
            PlacementSource = naming.Placement(session.Placement)?.Source,
            Attribution = new Attribution(
                OrNull(tags.UtmSource), OrNull(tags.UtmMedium), OrNull(tags.UtmCampaign), OrNull(tags.UtmTerm), OrNull(tags.UtmContent), OrNull(tags.ClickId))
            {
                Ref = OrNull(tags.Ref),
            },
            ReferrerDomain = OrNull(session.ReferrerDomain),
            App = OrNull(session.InAppBrowser),
            RequestedWith = OrNull(session.RequestedWith),
        });

        static string? OrNull(string? text) => string.IsNullOrEmpty(text) ? null : text;
    }

    private static string Path(string referrer) => new Uri(referrer).AbsolutePath is var path && path == "/" ? "" : path;
}
