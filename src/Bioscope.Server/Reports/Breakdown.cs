using Bioscope.Core;

namespace Bioscope.Server.Reports;

/// <summary>What the sessions of a page can be told apart by.</summary>
internal enum Dimension
{
    /// <summary>The referrer domain; none is <c>direct</c>.</summary>
    Source,

    /// <summary>The country's name; none is <c>Unknown</c>.</summary>
    Country,

    /// <summary>The device class; none is <c>unknown</c>.</summary>
    Device,
}

/// <summary>One value of a dimension: its sessions, and their share of the sessions of the values shown in whole percent.</summary>
internal sealed record Slice(string Value, long Sessions, int Percentage);

/// <summary>Counts the sessions of a window by a dimension.</summary>
internal static class Breakdown
{
    private const string Sql = """
        -- {report}
        SELECT value, COUNT(*) AS sessions
        FROM (
          SELECT COALESCE(NULLIF({column}, ''), @none) AS value
          FROM "AnalyticsSession"
          WHERE "bioPageId" = @page AND "startedAt" >= @since
        ) AS session
        GROUP BY value
        ORDER BY sessions DESC, value COLLATE {ordinal}
        LIMIT @limit
        """;

    /// <summary>The values with most sessions, at most <paramref name="limit"/>; equal ones by value, in code point order.</summary>
    public static async Task<List<Slice>> ReadAsync(
        ReportScope scope, Dimension dimension, int limit, CancellationToken cancellation)
    {
        var (report, column, none) = dimension switch
        {
            Dimension.Source => ("traffic", "\"referrerDomain\"", "direct"),
            Dimension.Country => ("geo", "\"country\"", "Unknown"),
            Dimension.Device => ("devices", "\"device\"", "unknown"),
            _ => throw new ArgumentOutOfRangeException(nameof(dimension), dimension, null),
        };
        var rows = await scope.Analytics.QueryAsync(
            Sql.Replace("{report}", report, StringComparison.Ordinal).Replace("{column}", column, StringComparison.Ordinal),
            row => (Value: row.GetString(0), Sessions: row.GetInt64(1)),
            cancellation,
            ("@page", scope.BioPageId),
            ("@since", scope.Since),
            ("@none", none),
            ("@limit", limit));
        var total = rows.Sum(row => row.Sessions);
        return rows.ConvertAll(row => new Slice(row.Value, row.Sessions, Percentage.Of(row.Sessions, total)));
    }
}
