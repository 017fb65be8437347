using System.Data.Common;
using Bioscope.Core;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Rows;

/// <summary>
/// How sessions and page views are found by id. Most ids say where their row is (<see cref="PagedId"/>), so no index by id is needed. Rows
/// whose id does not say it have <see cref="ForeignId"/>: old ones, most imported ones, those whose time was changed, and page views whose id
/// says that it is a session's. A partial index has their ids, and keeps them unique in their page.
/// </summary>
internal static class RowsById
{
    /// <summary>The column that says that an id does not carry its row's page and time.</summary>
    public const string ForeignId = "foreignId";

    /// <summary>A condition on one session: all of its key, in the order of the index.</summary>
    public const string IsSession = """
        "bioPageId" = @page AND "startedAt" = @at AND "id" = @id
        """;

    /// <summary>The same for a page view.</summary>
    public const string IsPageView = """
        "bioPageId" = @page AND "enteredAt" = @at AND "id" = @id
        """;

    /// <summary>A condition on one session or page view of a page whose id is foreign.</summary>
    public const string IsForeign = """
        "bioPageId" = @page AND "id" = @id AND "foreignId"
        """;

    /// <summary>
    /// Selects rows of one page by ids; <see cref="Values"/> has the parameters. The ids are compared as text where the times find the rows, so
    /// that no engine tries each id with each time.
    /// </summary>
    /// <param name="name">What it is for, a part of the statement's name.</param>
    /// <param name="columns">What is selected.</param>
    /// <param name="table">The table.</param>
    /// <param name="time">Its column with the time.</param>
    /// <param name="condition">A further condition.</param>
    public static string Sql(string name, string columns, string table, string time, string condition) => $$"""
        -- rows by id: {{name}}
        SELECT {{columns}} FROM "{{table}}"
        WHERE "bioPageId" = @page AND "{{time}}" {isAnyOfInstants} AND CAST("id" AS {text}) {isAnyOfTexts} AND NOT "foreignId" AND {{condition}}
        UNION ALL
        SELECT {{columns}} FROM "{{table}}" WHERE {ofPageByOtherIndex} AND "id" {isAnyOfIds} AND "foreignId" AND {{condition}}
        """;

    /// <summary>Deletes rows of a page that were found before. One whose time is none is searched for among all of the page.</summary>
    /// <param name="dialect">The engine's.</param>
    /// <param name="transaction">In which they are deleted.</param>
    /// <param name="table">The table, and its column with the time.</param>
    /// <param name="page">The page.</param>
    /// <param name="rows">The ids, as stored or as read, and the times.</param>
    /// <param name="cancellationToken">Cancels; the transaction must then be abandoned.</param>
    /// <returns>How many were deleted.</returns>
    public static async Task<int> DeleteAsync(
        SqlDialect dialect, DbTransaction transaction, (string Name, string Time) table, Guid page,
        IReadOnlyCollection<(object Id, DateTimeOffset? At)> rows, CancellationToken cancellationToken) =>
        await dialect.ExecuteEachAsync(
            transaction,
            $"""
            -- delete found rows
            DELETE FROM "{table.Name}" WHERE "bioPageId" = @page AND "{table.Time}" = @at AND "id" = @id
            """,
            StatementValues.Of(rows.Where(row => row.At is not null), row => [("@page", page), ("@at", row.At), ("@id", row.Id)]),
            cancellationToken)
        + await dialect.ExecuteEachAsync(
            transaction,
            $"""
            -- delete found rows without a time
            DELETE FROM "{table.Name}" WHERE "bioPageId" = @page AND "id" = @id
            """,
            StatementValues.Of(rows.Where(row => row.At is null), row => [("@page", page), ("@id", row.Id)]),
            cancellationToken);

    /// <summary>The parameters of <see cref="Sql"/>.</summary>
    public static (string Name, object? Value)[] Values(Guid page, Guid[] ids) =>
    [
        ("@page", page),
        ("@instants", ids.Where(id => PagedId.IsOf(id, page)).Select(id => PagedId.TimeOf(id)!.Value).Distinct().ToArray()),
        ("@texts", Array.ConvertAll(ids, id => id.ToString("D"))),
        ("@ids", ids),
    ];
}

/// <summary>Where a session or a page view is.</summary>
internal readonly record struct RowKey(Guid Page, DateTimeOffset At, Guid Id)
{
    /// <summary>The parameters of a condition on it.</summary>
    public (string Name, object? Value)[] Values => [("@page", Page), ("@at", At), ("@id", Id)];

    /// <summary>The places where rows with these ids may be by what the ids say, in one order for all who lock them.</summary>
    public static List<RowKey> Of(IEnumerable<Guid> ids, PageNumbers pages) =>
    [
        .. ids.SelectMany(id => PagedId.TimeOf(id) is { } at
                ? pages.Of(PagedId.NumberOf(id)).Select(page => new RowKey(page, at, id))
                : [])
            .OrderBy(key => key.Page, Pages.Order).ThenBy(key => key.Id, Pages.Order),
    ];
}

/// <summary>Which pages have which number; those that are known to the work at hand.</summary>
internal sealed class PageNumbers
{
    private readonly Dictionary<uint, List<Guid>> _pages = [];
    private readonly HashSet<Guid> _existing = [];

    /// <summary>The pages with a number.</summary>
    public IReadOnlyList<Guid> Of(uint number) => _pages.TryGetValue(number, out var pages) ? pages : NoPage.Numbered(number);

    /// <summary>The pages of which a row with this id may be by what the id says; none where it says no place.</summary>
    public IReadOnlyList<Guid> OfId(Guid id) => PagedId.TimeOf(id) is null ? [] : Of(PagedId.NumberOf(id));

    /// <summary>Whether the page exists, so that it is found by its number at any time.</summary>
    public bool Exists(Guid page) => NoPage.Is(page) || _existing.Contains(page);

    /// <summary>Adds a page that exists.</summary>
    public void Add(Guid page)
    {
        _existing.Add(page);
        AddWithRows(page);
    }

    /// <summary>Adds a page that has rows, whether or not it exists.</summary>
    public void AddWithRows(Guid page)
    {
        var number = PagedId.NumberOf(page);
        if (!_pages.TryGetValue(number, out var pages))
        {
            _pages[number] = pages = [.. NoPage.Numbered(number)];
        }

        if (!pages.Contains(page))
        {
            pages.Add(page);
        }
    }
}
