using Bioscope.Core;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Rows;

/// <summary>One row of <c>"AnalyticsPageView"</c>: one load of a page, or a click on one of its links.</summary>
internal sealed record PageViewRow
{
    public required Guid BioPageId { get; init; }

    public required Guid Id { get; init; }

    public required Guid SessionId { get; init; }

    public string? Path { get; init; }

    public string? Title { get; init; }

    public required DateTimeOffset EnteredAt { get; init; }

    /// <summary>The link that was clicked, if one was.</summary>
    public Guid? LinkClicked { get; init; }

    /// <summary>Seconds; null while unknown.</summary>
    public int? Duration { get; init; }

    /// <summary>How far down the page was scrolled, in percent; null while unknown.</summary>
    public int? ScrollDepth { get; init; }

    public static Table<PageViewRow> Table { get; } = new(
        "AnalyticsPageView",
        new("bioPageId", ColumnType.Uuid, row => row.BioPageId),
        new("id", ColumnType.Uuid, row => row.Id),
        new("sessionId", ColumnType.Uuid, row => row.SessionId),
        new("path", ColumnType.Text, row => row.Path),
        new("title", ColumnType.Text, row => row.Title),
        new("enteredAt", ColumnType.Instant, row => row.EnteredAt),
        new("linkClicked", ColumnType.Uuid, row => row.LinkClicked),
        new("duration", ColumnType.Integer, row => row.Duration),
        new("scrollDepth", ColumnType.Integer, row => row.ScrollDepth),
        // An id that says a session's would not be looked for here, where a session has it too.
        new(
            RowsById.ForeignId, ColumnType.Boolean,
            row => !(PagedId.SaysPageView(row.Id) && PagedId.IsOf(row.Id, row.BioPageId, row.EnteredAt))));
}
