using System.Runtime.CompilerServices;
using System.Text.Json;
using Bioscope.Engine.Rows;

namespace Bioscope.Engine.Import.From;

/// <summary>
/// GoatCounter's JSON, version 1 (https://www.goatcounter.com/help/export-json): a ZIP of lists, of which <c>paths</c> says which paths are
/// events, and <c>hit_stats</c> how many visits saw a path in an hour of UTC. Without visits of their own, they become sums of days.
/// </summary>
internal static class GoatCounterJson
{
    public static bool Reads(ExportPart part) => IsHits(part) || IsPaths(part);

    /// <summary>The paths have no time, so they are read first.</summary>
    public static DateTimeOffset? Begins(ExportPart part) => FirstOf(part) is { } hit ? ToolTime(hit) : null;

    public static async IAsyncEnumerable<ImportItem> Read(
        ExportPart part, ImportTarget target, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var sums = new SortedDictionary<DateOnly, long>();
        var (isPaths, zone) = (IsPaths(part), target.Zone);
        await foreach (var (number, bytes) in NdjsonLines.ReadAsync(part.Open(), cancellationToken))
        {
            target.RowRead();
            if (bytes is null || Parse(bytes.Value) is not { ValueKind: JsonValueKind.Object } row)
            {
                yield return new ImportItem(number, null, "the line is no JSON object");
            }
            else if (isPaths)
            {
                target.ToolPaths[row.Text("id") ?? ""] = row.Part("event").ValueKind == JsonValueKind.True ? null : row.Text("path") ?? "/";
            }
            else if (ProblemOf(row, target) is { } problem)
            {
                yield return new ImportItem(number, null, problem);
            }
            else if (IsCounted(row, target))
            {
                var day = NodaTime.Instant.FromDateTimeOffset(ToolTime(row)!.Value).InZone(zone).Date.ToDateOnly();
                sums[day] = Math.Min(PageDrop.MaxCount, sums.GetValueOrDefault(day) + (long)row.Number("count")!.Value);
            }
        }

        foreach (var (day, count) in sums)
        {
            var start = new DateTimeOffset(day, default, TimeSpan.Zero);
            yield return new ImportItem(target.Rows, new ImportedDay(target.Page, start, "goatcounter", null, null, count), null);
        }
    }

    private static string? ProblemOf(JsonElement row, ImportTarget target) =>
        ToolTime(row) is not { } at ? "the field hour has no time"
        : row.Number("count") is not (>= 0 and <= PageDrop.MaxCount) ? "the field count has no number"
        : !target.ToolPaths.ContainsKey(row.Text("path_id") ?? "") ? "its path_id is in no paths.jsonl; give the whole ZIP"
        : target.ProblemOf(at);

    private static bool IsCounted(JsonElement row, ImportTarget target)
    {
        if (target.ToolPaths[row.Text("path_id")!] is { } path)
        {
            return target.IsOfPage(null, path);
        }

        target.LeaveOut("counts of events");
        return false;
    }

    private static DateTimeOffset? ToolTime(JsonElement row) => ImportTarget.UtcOf(row.Text("hour"));

    private static bool IsHits(ExportPart part) => FirstOf(part) is { } row && ToolTime(row) is not null;

    private static bool IsPaths(ExportPart part) => LineOf(part) is { } row && row.Text("id") is not null && row.Text("path") is not null
        && row.EnumerateObject().All(field => field.Name is "id" or "path" or "title" or "event");

    private static JsonElement? FirstOf(ExportPart part) =>
        LineOf(part) is { } row && row.Text("hour") is not null && row.Text("path_id") is not null && row.Text("count") is not null
            ? row : null;

    /// <summary>The first line, where it is an object.</summary>
    private static JsonElement? LineOf(ExportPart part) => part.Head is ['{', ..] head
        && Parse(System.Text.Encoding.UTF8.GetBytes(head.Split('\n', 2)[0])) is { ValueKind: JsonValueKind.Object } row ? row : null;

    private static JsonElement? Parse(ReadOnlyMemory<byte> line)
    {
        try
        {
            return JsonElement.Parse(line.Span);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
