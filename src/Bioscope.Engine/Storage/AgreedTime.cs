namespace Bioscope.Engine.Storage;

/// <summary>
/// The current time when several clocks are available. The database server's clock is the one that all instances share: it is used when
/// this machine's clock differs from it by more than a minute.
/// </summary>
internal static class AgreedTime
{
    /// <summary>More than the difference between synchronised clocks, and more than a query takes.</summary>
    public static readonly TimeSpan MaxDifference = TimeSpan.FromMinutes(1);

    /// <param name="own">This machine's clock.</param>
    /// <param name="server">The database server's; null where there is none, or it is not used.</param>
    public static DateTimeOffset Of(DateTimeOffset own, DateTimeOffset? server) =>
        server is { } common && Differ(own, common) ? common : own;

    /// <summary>Whether the two clocks disagree.</summary>
    public static bool Differ(DateTimeOffset a, DateTimeOffset b) => (a - b).Duration() > MaxDifference;

    /// <summary>Reads the database server's clock.</summary>
    /// <returns>Null where it has none, or it is not used.</returns>
    public static async Task<DateTimeOffset?> ServerAsync(Database database, CancellationToken cancellationToken) =>
        database.Dialect is { AsksOtherClocks: true, ServerTimeSql: { } sql }
            ? (await database.QueryAsync(sql, row => database.Dialect.ReadInstant(row, 0), cancellationToken)).Single()
            : null;
}
