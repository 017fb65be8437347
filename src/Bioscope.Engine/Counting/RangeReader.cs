using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Bioscope.Core;
using NodaTime;
using NodaTime.Text;

namespace Bioscope.Engine.Counting;

/// <summary>Reads ranges and comparisons and reports what is wrong as problems.</summary>
internal sealed partial class RangeReader(QueryProblems problems)
{
    private const string Pair = "[from, until] with two dates such as 2026-04-01 or two instants such as 2026-04-01T00:00:00.000Z";
    private static readonly string[] ComparisonNames = ["previous", "lastYear"];

    /// <summary>A named range or one with ends; null when it is invalid.</summary>
    public RangeRequest? Range(string field, JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.Array)
        {
            return Ends(field, json);
        }

        if (problems.Text(field, json, $"must be one of {string.Join(", ", RangeName.All)}, or {Pair}.") is not { } name)
        {
            return null;
        }

        if (RangeName.Read(name) is { } range)
        {
            return new RangeRequest.Named(range);
        }

        problems.AddUnknown(field, "range", name, RangeName.All, $", or {Pair}");
        return null;
    }

    /// <summary>A named comparison or one with ends; null when it is invalid.</summary>
    public ComparisonRequest? Comparison(string field, JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.Array)
        {
            return Ends(field, json) is { } range ? new ComparisonRequest(ComparisonKind.Range, range) : null;
        }

        switch (problems.Text(field, json, $"must be one of {string.Join(", ", ComparisonNames)}, or {Pair}."))
        {
            case null:
                return null;
            case "previous":
                return new ComparisonRequest(ComparisonKind.Previous);
            case "lastYear":
                return new ComparisonRequest(ComparisonKind.LastYear);
            case var name:
                problems.AddUnknown(field, "comparison", name, ComparisonNames, $", or {Pair}");
                return null;
        }
    }

    private RangeRequest? Ends(string field, JsonElement json)
    {
        if (json.GetArrayLength() != 2)
        {
            problems.Add(field, $"must be {Pair}.");
            return null;
        }

        return End(field, json[0]) is { } from && End(field, json[1]) is { } until ? Ends(field, from, until) : null;
    }

    private RangeRequest? Ends(string field, RangeEnd from, RangeEnd until)
    {
        switch (from, until)
        {
            case ({ Date: { } first }, { Date: { } last }) when first <= last:
                return last >= QueryRange.FirstDay && first <= QueryRange.LastDay
                    ? new RangeRequest.Dates(first, last)
                    : Outside(field, "day", $"{TextOf(QueryRange.FirstDay)} to {TextOf(QueryRange.LastDay)}");
            case ({ Ms: { } start }, { Ms: { } end }) when start <= end:
                return end > QueryRange.Earliest && start < QueryRange.Latest
                    ? new RangeRequest.Instants(new InstantRange(start, end))
                    : Outside(field, "instant", $"{TextOf(QueryRange.Earliest)} to {TextOf(QueryRange.Latest)}");
            case ({ Date: not null }, { Date: not null }) or ({ Ms: not null }, { Ms: not null }):
                problems.Add(field, "begins after it ends; from must not be after until.");
                return null;
            default:
                problems.Add(field, $"mixes a date and an instant; it must be {Pair}.");
                return null;
        }
    }

    private RangeRequest? Outside(string field, string what, string allowed)
    {
        problems.Add(field, $"has no {what} that can be counted; allowed are {allowed}.");
        return null;
    }

    private RangeEnd? End(string field, JsonElement json)
    {
        if (problems.Text(field, json, $"must be {Pair}.") is not { } text)
        {
            return null;
        }

        if (DateShape().IsMatch(text))
        {
            return Date(field, text) is { } date ? new RangeEnd(date, null) : null;
        }

        var parts = InstantShape().Match(text);
        if (parts.Success)
        {
            return Date(field, parts.Groups["date"].Value) is { } date && InstantOf(field, text, date, parts.Groups) is { } ms
                ? new RangeEnd(null, ms)
                : null;
        }

        problems.Add(field, ZonelessShape().IsMatch(text)
            ? $"has the instant {QueryProblems.Quote(text)} without a zone; end it with Z or an offset such as +02:00."
            : $"has {QueryProblems.Quote(text)}, which is neither a date nor an instant; it must be {Pair}.");
        return null;
    }

    private LocalDate? Date(string field, string text)
    {
        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
        {
            return new LocalDate(date.Year, date.Month, date.Day);
        }

        problems.Add(field, $"has \"{text}\", a date that does not exist.");
        return null;
    }

    // Milliseconds since 1970 UTC; fraction digits after the third are dropped.
    private long? InstantOf(string field, string text, LocalDate date, GroupCollection parts)
    {
        var (hour, minute, second) = (Number(parts["hour"]), Number(parts["minute"]), Number(parts["second"]));
        var (zoneHour, zoneMinute) = (Number(parts["zoneHour"]), Number(parts["zoneMinute"]));
        if (hour > 23 || minute > 59 || second > 59)
        {
            problems.Add(field, $"has {QueryProblems.Quote(text)}, a time of day that does not exist; allowed are 00:00:00 to 23:59:59.");
            return null;
        }

        if (zoneHour > 18 || zoneMinute > 59 || (zoneHour == 18 && zoneMinute > 0))
        {
            problems.Add(field, $"has {QueryProblems.Quote(text)}, an offset that does not exist; allowed are -18:00 to +18:00.");
            return null;
        }

        var milliseconds = parts["fraction"].Value.PadRight(3, '0')[..3];
        var local = new LocalDateTime(date.Year, date.Month, date.Day, hour, minute, second);
        var offset = Offset.FromHoursAndMinutes(zoneHour, zoneMinute);
        offset = parts["sign"].ValueSpan is "-" ? -offset : offset;
        return local.InZoneStrictly(DateTimeZone.Utc).ToInstant().ToUnixTimeMilliseconds()
            - offset.Milliseconds
            + int.Parse(milliseconds, CultureInfo.InvariantCulture);
    }

    private static string TextOf(LocalDate date) => LocalDatePattern.Iso.Format(date);

    private static string TextOf(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms).ToText();

    private static int Number(Group digits) => digits.Success ? int.Parse(digits.ValueSpan, CultureInfo.InvariantCulture) : 0;

    [GeneratedRegex(@"\A[0-9]{4}-[0-9]{2}-[0-9]{2}\z")]
    private static partial Regex DateShape();

    [GeneratedRegex(@"\A(?<date>[0-9]{4}-[0-9]{2}-[0-9]{2})T(?<hour>[0-9]{2}):(?<minute>[0-9]{2})"
        + @"(:(?<second>[0-9]{2})(\.(?<fraction>[0-9]{1,40}))?)?"
        + @"(Z|(?<sign>[+-])(?<zoneHour>[0-9]{2}):(?<zoneMinute>[0-9]{2}))\z", RegexOptions.ExplicitCapture)]
    private static partial Regex InstantShape();

    [GeneratedRegex(@"\A[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+\z")]
    private static partial Regex ZonelessShape();

    private readonly record struct RangeEnd(LocalDate? Date, long? Ms);
}
