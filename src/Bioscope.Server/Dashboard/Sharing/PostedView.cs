using System.Text;
using System.Text.Json.Nodes;
using Bioscope.Core;
using Bioscope.Engine.Counting;
using Bioscope.Engine.Json;
using Bioscope.Server.Api.Sharing;
using Bioscope.Server.Web;
using NodaTime.Text;

namespace Bioscope.Server.Dashboard.Sharing;

/// <summary>A form that shares a view, read as the API's body, so that both have the same rules.</summary>
internal static class PostedView
{
    /// <summary>The choice of the period as its present dates, which stay; otherwise a named one moves along.</summary>
    public const string Fixed = "fixed";

    /// <returns>The fields, or why they are refused.</returns>
    public static (SharedViewFields? Fields, ApiError? Refusal) Of(IFormCollection form, Desk desk)
    {
        var isSponsor = form["for"] == "sponsor";
        var question = QuestionOf(form, desk);
        var json = new JsonObject
        {
            ["title"] = Value("title"),
            ["question"] = question.ToJson(),
            ["link"] = Value("link"),
            ["blocks"] = isSponsor ? null : new JsonArray([.. form["blocks"].Select(block => (JsonNode?)block)]),
            ["showsName"] = form["named"] == "1",
            ["password"] = Value("password"),
            ["embedOrigins"] = new JsonArray(
                [.. form["origins"].ToString().Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                    .Select(origin => (JsonNode)origin)]),
        };
        if (Value("expires") is { } day)
        {
            // To the end of the last day.
            json["expiresAt"] = LocalDatePattern.Iso.Parse(day) is { Success: true, Value: var last } && last.Year is >= 1970 and < 2999
                ? desk.Zone.AtStartOfDay(last.PlusDays(1)).ToDateTimeOffset().ToText()
                : day;
        }

        using var body = JsonBody.Parse(Encoding.UTF8.GetBytes(json.ToJsonString())).Body!;
        var fields = SharedViewFields.Read(body, desk.Timeframe.Zone, DateTimeOffset.FromUnixTimeMilliseconds(desk.Timeframe.Now));
        return JsonRequest.Refusal(body) is { } refusal ? (null, refusal) : (fields, null);

        string? Value(string name) => form[name].ToString() is { Length: > 0 } text ? text : null;
    }

    /// <summary>What a form shares, or without a form what the address shows.</summary>
    public static SharedQuestion QuestionOf(IFormCollection? form, Desk desk)
    {
        var question = form?["question"].ToString() is { Length: > 0 } text && JsonBody.Parse(Encoding.UTF8.GetBytes($$"""{"q":{{text}}}""")).Body is { } body
            ? Read(body, desk)
            : Of(desk);
        if (form?["source"].ToString() is { Length: > 0 } source)
        {
            question = question with { Filters = [new Filter(FilterOperator.Is, Dimension.Named("source")!, [source])] };
        }

        return form?["range"].ToString() switch
        {
            Fixed => question with { Range = DatesOf(question, desk) ?? question.Range },
            { Length: > 0 } name when RangeName.Read(name) is { } named => WithRange(question, named),
            _ => question,
        };
    }

    private static SharedQuestion Read(JsonBody body, Desk desk)
    {
        using (body)
        {
            var question = SharedQuestion.Read(body, "q", desk.Timeframe.Zone);
            return body.Problems.Count == 0 ? question : Of(desk);
        }
    }

    private static SharedQuestion Of(Desk desk)
    {
        var comparison = desk.Address.Range is RangeRequest.Named { Name: NamedRange.All } ? null : desk.Address.Compared switch
        {
            Compared.Previous => ComparisonKind.Previous,
            Compared.LastYear => ComparisonKind.LastYear,
            _ => (ComparisonKind?)null,
        };
        return new SharedQuestion(desk.Address.Range, desk.Timeframe.Zone, desk.Address.Filters, comparison);
    }

    // All time has nothing before it.
    private static SharedQuestion WithRange(SharedQuestion question, NamedRange range) => question with
    {
        Range = new RangeRequest.Named(range),
        Comparison = range == NamedRange.All ? null : question.Comparison,
    };

    private static RangeRequest.Dates? DatesOf(SharedQuestion question, Desk desk)
    {
        var range = QueryRange.Of(question.Range, question.Zone, desk.Timeframe.Now, desk.FirstVisit?.ToUnixTimeMilliseconds());
        return range.Days is var (first, last) ? new RangeRequest.Dates(first, last) : null;
    }
}
