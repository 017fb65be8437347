using Bioscope.Core;
using Bioscope.Engine.Counting;
using Bioscope.Engine.Retention;
using Bioscope.Server.Api.Bio;
using Bioscope.Server.Api.Reports;

namespace Bioscope.Server.Dashboard;

/// <summary>
/// The dashboard's figures as CSV files, for the same period and filters: <c>overview</c>, <c>trend</c>, and all values of a dimension by
/// its name in the API, or of two with <c>by</c>. Views, clicks and click rates are those of the dashboard. A period of which visits are no
/// longer kept is refused, because a file has no note.
/// </summary>
internal static class DashboardFiles
{
    // Names used by addresses of earlier versions.
    private static readonly Dictionary<string, string> EarlierNames = new()
    {
        ["traffic"] = "referrerDomain",
        ["geo"] = "country",
        ["devices"] = "device",
        ["links"] = "link",
        ["sessions"] = "overview",
    };

    /// <summary>The header and the rows, or null when there is no such file.</summary>
    public static async Task<IReadOnlyList<object[]>?> TableAsync(
        string type, string by, Desk desk, KeptVisits kept, CancellationToken cancellationToken)
    {
        var questions = new Questions(desk.Timeframe, desk.Address);
        type = EarlierNames.GetValueOrDefault(type, type);
        switch (type)
        {
            case "overview":
                var (query, compared, totals) = await AskAsync(questions.Totals());
                return
                [
                    ["from", "until", .. Counted.Metrics.Select(MetricName.Of)],
                    Period(RangeShown.Of(query), totals.Totals),
                    .. compared is null ? (object[][])[] : [Period(RangeShown.Of(compared), totals.ComparisonTotals!)],
                ];
            case "trend":
                var trend = await AskAsync(questions.Trend());
                return [[desk.Timeframe.Grain.Name, "views", "clicks"],
                    .. trend.Answer.Rows.Select(row => (object[])[row.Dimensions[0]!, row.Metrics[0], row.Metrics[1]])];
            default:
                return RowsQuestion.Of(type, by) is { } rows
                    ? Table(rows, (await AskAsync(rows.Request(desk, Questions.All, 0))).Answer, desk.Page)
                    : null;
        }

        async Task<AnsweredQuery> AskAsync(QueryRequest request) =>
            (await kept.AnswerAsync(desk.Page.Id, [request], desk.Timeframe.Zone, desk.Naming, cancellationToken))[0];

        static object[] Period(RangeShown range, IReadOnlyList<double> totals) => [range.From, range.Until, .. totals.Cast<object>()];
    }

    private static List<object[]> Table(RowsQuestion question, QueryAnswer answer, BioPage page)
    {
        var links = page.Links.ToDictionary(link => link.Id.ToString("D"));
        return
        [
            [.. question.Dimensions.SelectMany(Header), .. question.Metrics.Select(MetricName.Of)],
            .. answer.Rows.Select(
                row => (object[])[.. question.Dimensions.SelectMany((dimension, i) => Cells(dimension, row.Dimensions[i])),
                    .. row.Metrics.Cast<object>()]),
        ];

        IEnumerable<object> Cells(Dimension dimension, string? value) => dimension.Name switch
        {
            "country" => [value ?? "", CountryName.Of(value) ?? value ?? ""],
            "link" =>
                [value ?? "", .. value is not null && links.TryGetValue(value, out var link) ? (object[])[link.Title, link.Url] : ["", ""]],
            _ => [value ?? ""],
        };
    }

    private static string[] Header(Dimension dimension) => dimension.Name switch
    {
        "country" => ["country", "name"],
        "link" => ["link", "title", "url"],
        var name => [name],
    };
}
