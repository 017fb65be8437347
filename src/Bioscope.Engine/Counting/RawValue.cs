using Bioscope.Engine.Segments;

namespace Bioscope.Engine.Counting;

/// <summary>A value that raw rows are counted by.</summary>
/// <param name="Name">Tells it from others in one statement.</param>
/// <param name="Table">The table of the rows.</param>
/// <param name="Time">The column that decides whether a row is in a window.</param>
/// <param name="Value">The value of a row as text, in SQL.</param>
internal sealed record RawValue(string Name, string Table, string Time, string Value)
{
    public const string Sessions = "AnalyticsSession", PageViews = "AnalyticsPageView";

    /// <summary>Sessions by visitor.</summary>
    public static RawValue Visitors { get; } = new("visitors", Sessions, "startedAt", VisitorKey.Sql);

    /// <summary>The column that has the value, where it is one and <see cref="Nothing"/> stands for an empty one.</summary>
    public string? Column { get; init; }

    /// <summary>The value of rows that have none.</summary>
    public string? Nothing { get; init; }

    /// <summary>The value of a row, from what its <see cref="Column"/> has.</summary>
    public string ValueOf(string? stored) => string.IsNullOrEmpty(stored) ? Nothing! : stored;

    /// <summary>Whether only page views with a link count.</summary>
    public bool OnlyClicks { get; init; }

    /// <summary>
    /// Selects from the raw rows of <c>@page</c>. In both arguments <c>{time}</c>, <c>{hour}</c> (its number since 1970) and <c>{value}</c>
    /// stand for those of a row. Rows with a malformed time are left out.
    /// </summary>
    public string Select(string columns, string condition) => $"""
        SELECT {columns} FROM "{Table}" AS "raw" WHERE "bioPageId" = @page AND {condition} AND {(Table == Sessions ? "{startedAtIsInstant}" : "{enteredAtIsInstant}")}{(OnlyClicks ? " AND \"linkClicked\" IS NOT NULL" : "")}
        """
        .Replace("{time}", $"\"{Time}\"", StringComparison.Ordinal)
        .Replace("{hour}", Table == Sessions ? "{hourOfStartedAt}" : "{hourOfEnteredAt}", StringComparison.Ordinal)
        .Replace("{value}", Value, StringComparison.Ordinal);
}
