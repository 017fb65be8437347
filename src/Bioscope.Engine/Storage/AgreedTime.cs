namespace Bioscope.Engine.Storage;

/// <summary>
/// What time it is where several clocks tell it. The database server's is the one that all instances have in common: where this machine's
/// differs from it by more than a minute, the server's counts.
/// </summary>
internal static class AgreedTime
{
    /// <summary>More than clocks that are kept differ by, and than a query takes.</summary>
    public static readonly TimeSpan MaxDifference = TimeSpan.FromMinutes(1);

    /// <param name="own">This machine's clock.</param>
    /// <param name="server">The database server's; null where there is none, or it is not asked.</param>
    public static DateTimeOffset Of(DateTimeOffset own, DateTimeOffset? server) => server is { } common && Differ(own, common) ? common : own;

    /// <summary>Whether the two tell different times.</summary>
    public static bool Differ(DateTimeOffset a, DateTimeOffset b) => (a - b).Duration() > MaxDifference;

    /// <summary>Reads the database server's clock.</summary>
    /// <returns>Null where it has none, or is not asked.</returns>
    public static async Task<DateTimeOffset?> ServerAsync(Database database, CancellationToken cancellationToken) =>
        database.Dialect is { AsksOtherClocks: true, ServerTimeSql: { } sql }
            ? (await database.QueryAsync(sql, row => database.Dialect.ReadInstant(row, 0), cancellationToken)).Single()
            : null;
}
