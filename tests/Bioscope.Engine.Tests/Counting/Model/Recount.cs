using System.Globalization;
using System.Text.RegularExpressions;
using Bioscope.Engine.Counting;
using NodaTime;

namespace Bioscope.Engine.Tests.Counting.Model;

/// <summary>
/// Answers a query by looking at every row again and again, as the contract words it and without anything of the engine's: what a scan of
/// blocks is compared with.
/// </summary>
internal sealed class Recount
{
    private readonly PageModel _page;
    private readonly CountQuery _query;
    private readonly List<int> _visits = [];
    private readonly List<ModelView> _views = [];
    private readonly List<ModelView> _linkClicks = []; // whatever filters of times say

    public Recount(PageModel page, CountQuery query)
    {
        (_page, _query) = (page, query);
        var inRange = page.Views.Where(view => IsIn(view.EnteredAt)).ToLookup(view => view.Session);
        for (var session = 0; session < page.Sessions.Count; session++)
        {
            if (IsIn(page.Sessions[session].StartedAt) && Passes(session, page.Sessions[session].StartedAt, inRange))
            {
                _visits.Add(session);
            }
        }

        _views.AddRange(page.Views.Where(view => IsIn(view.EnteredAt) && Passes(view.Session, view.EnteredAt, inRange)
            && PassesLink(view)));
        _linkClicks.AddRange(page.Views.Where(view => IsIn(view.EnteredAt) && view.Link is not null && PassesLink(view)));
    }

    private bool ByLink => _query.Dimensions.Any(dimension => dimension.Name == "link");

    /// <summary>The metrics of everything that passes.</summary>
    public double[] Totals() => MetricsOf(_visits, _views);

    /// <summary>The metrics of each row, by the values of the dimensions.</summary>
    public Dictionary<string, double[]> Rows()
    {
        var visits = _visits.SelectMany(visit => KeysOf(visit).Select(key => (Key: key, Visit: visit)))
            .ToLookup(pair => pair.Key, pair => pair.Visit);
        var views = _views.ToLookup(KeyOf);
        return Keys().ToDictionary(key => key, key => MetricsOf(visits[key], views[key]));
    }

    // A row is there when something falls in it that a metric counts.
    private HashSet<string> Keys()
    {
        var keys = new HashSet<string>();
        if (_query.Metrics.Any(metric => metric is not (Metric.Views or Metric.Clicks or Metric.Clickers or Metric.ClickRate)))
        {
            keys.UnionWith(_visits.SelectMany(KeysOf));
        }

        foreach (var view in _views)
        {
            var counts = view.Link is null
                ? !ByLink && _query.Metrics.Any(metric => metric is Metric.Views or Metric.ClickRate)
                : _query.Metrics.Any(metric => metric is Metric.Clicks or Metric.ClickRate
                    || (metric is Metric.Clickers && _page.SessionOf(view.Session) is not null));
            if (counts)
            {
                keys.Add(KeyOf(view));
            }
        }

        return keys;
    }

    /// <summary>One text for the values of a row.</summary>
    public static string Key(IEnumerable<string?> values) =>
        string.Join(" | ", values.Select(value => value is null ? "null" : $"'{value}'"));

    /// <summary>The value of a time dimension at an instant.</summary>
    public static string Local(string dimension, long at, DateTimeZone zone)
    {
        var local = Instant.FromUnixTimeMilliseconds(at).InZone(zone).LocalDateTime;
        var date = dimension switch
        {
            "week" => local.Date.With(DateAdjusters.PreviousOrSame(IsoDayOfWeek.Monday)),
            "month" => local.Date.With(DateAdjusters.StartOfMonth),
            _ => local.Date,
        };
        return dimension switch
        {
            "hour" => string.Create(CultureInfo.InvariantCulture, $"{date:uuuu-MM-dd}T{local.Hour:00}:00"),
            "hourOfDay" => local.Hour.ToString(CultureInfo.InvariantCulture),
            "weekday" => ((int)local.DayOfWeek).ToString(CultureInfo.InvariantCulture),
            _ => date.ToString("uuuu-MM-dd", CultureInfo.InvariantCulture),
        };
    }

    private double[] MetricsOf(IEnumerable<int> ofVisits, IEnumerable<ModelView> ofViews)
    {
        var visits = ofVisits.Select(visit => _page.Sessions[visit]).ToList();
        var views = ofViews.ToList();
        var clicks = views.Where(view => view.Link is not null).ToList();
        var (pageViews, durations) = (visits.Where(visit => visit.PageViews >= 0).ToList(), visits.Where(visit => visit.Seconds > 0)
            .ToList());
        return [.. _query.Metrics.Select(metric => metric switch
        {
            Metric.Visits => visits.Count,
            Metric.Visitors => visits.Select(visit => visit.Visitor).Distinct().Count(),
            Metric.Views => views.Count - clicks.Count,
            Metric.Clicks => clicks.Count,
            Metric.Clickers => clicks.Select(click => _page.SessionOf(click.Session)?.Visitor).Where(visitor => visitor is not null)
                .Distinct().Count(),
            Metric.ClickRate => Ratio(clicks.Count, views.Count - clicks.Count, 2, factor: 100),
            Metric.BounceRate => Ratio(pageViews.Count(visit => visit.PageViews < 2), visits.Count, 0, factor: 100),
            Metric.VisitDuration => Ratio(durations.Sum(visit => visit.Seconds), durations.Count, 0),
            Metric.ViewsPerVisit => Ratio(pageViews.Sum(visit => visit.PageViews), visits.Count, 1),
            Metric.Share => Ratio(visits.Count, _visits.Count, 2, factor: 100),
            _ => throw new ArgumentOutOfRangeException(nameof(ofVisits), metric, null),
        })];
    }

    private static double Ratio(double part, double whole, int decimals, int factor = 1)
    {
        var scale = Math.Pow(10, decimals);
        return whole == 0 ? 0 : Math.Floor((part / whole * factor * scale) + 0.5) / scale;
    }

    /// <summary>A visit has one row, but with links one for each that was clicked in it.</summary>
    private IEnumerable<string> KeysOf(int visit)
    {
        var startedAt = _page.Sessions[visit].StartedAt;
        return ByLink
            ? _linkClicks.Where(click => click.Session == visit).Select(click => KeyOf(visit, startedAt, click.Link)).Distinct()
            : [KeyOf(visit, startedAt, null)];
    }

    private string KeyOf(ModelView view) => KeyOf(view.Session, view.EnteredAt, view.Link);

    private string KeyOf(int session, long at, string? link) =>
        Key(_query.Dimensions.Select(dimension => dimension.Kind == DimensionKind.Link ? link : ValueOf(dimension, session, at)));

    private string? ValueOf(Dimension dimension, int session, long at) => (dimension.Kind, _page.SessionOf(session)) switch
    {
        (DimensionKind.Time, _) => Local(dimension.Name, at, _query.Zone),
        (_, null) => null,
        (DimensionKind.VisitorKind, _) => _page.IsReturning(session) ? "returning" : "new",
        var (_, stored) => stored.ValueOf(dimension.Name, _query.Naming),
    };

    private bool IsIn(long at) => at >= _query.Range.From && at < _query.Range.Until;

    private bool PassesLink(ModelView view) =>
        view.Link is null || _query.Filters.All(filter => filter.Dimension.Kind != DimensionKind.Link || Holds(filter, view.Link));

    private bool Passes(int session, long at, ILookup<int, ModelView> inRange) => _query.Filters.All(filter =>
    {
        if (filter.Dimension.Kind != DimensionKind.Link)
        {
            return Holds(filter, ValueOf(filter.Dimension, session, at));
        }

        var clicks = inRange[session].Where(view => view.Link is not null);
        return filter.Operator is FilterOperator.IsNot or FilterOperator.ContainsNot or FilterOperator.IsNull
            ? clicks.All(click => Holds(filter, click.Link))
            : clicks.Any(click => Holds(filter, click.Link));
    });

    private static bool Holds(Filter filter, string? value) => filter.Operator switch
    {
        FilterOperator.Is => value is not null && filter.Values.Contains(value),
        FilterOperator.IsNot => value is null || !filter.Values.Contains(value),
        FilterOperator.Contains => value is not null && filter.Values.Any(part => value.Contains(part, StringComparison.OrdinalIgnoreCase)),
        FilterOperator.ContainsNot => value is null || !filter.Values.Any(part => value.Contains(part, StringComparison.OrdinalIgnoreCase)),
        FilterOperator.Matches => value is not null && filter.Values.Any(pattern =>
            Regex.IsMatch(value, $"^{Regex.Escape(pattern).Replace("\\*", ".*", StringComparison.Ordinal)}\\z", RegexOptions.Singleline)),
        FilterOperator.IsNull => value is null,
        FilterOperator.IsNotNull => value is not null,
        _ => throw new ArgumentOutOfRangeException(nameof(filter), filter.Operator, null),
    };
}
