using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Erasing;

/// <summary>What was erased, for whom, and how far it is.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Kind">What was erased.</param>
/// <param name="Origin">Who asked.</param>
/// <param name="BioPageId">The page; null for a user without one, and for a visitor.</param>
/// <param name="UserId">The user, when a creator was erased.</param>
/// <param name="RequestedAt">When it began.</param>
internal sealed record ErasureRow(
    Guid Id, ErasureKind Kind, ErasureOrigin Origin, Guid? BioPageId, Guid? UserId, DateTimeOffset RequestedAt)
{
    /// <summary>Whose rows are to be found: a visitor's hash, or a link's id; null when it is done.</summary>
    public string? Subject { get; init; }

    /// <summary>When all rows were gone; null while some are left.</summary>
    public DateTimeOffset? DoneAt { get; init; }

    /// <summary>When the bytes of the rows were overwritten; null while they may still be in free space of the database's files.</summary>
    public DateTimeOffset? OverwrittenAt { get; init; }

    /// <summary>How many sessions were erased.</summary>
    public long Sessions { get; init; }

    /// <summary>How many page views and clicks were erased.</summary>
    public long PageViews { get; init; }

    public static Table<ErasureRow> Table { get; } = new(
        "Erasure",
        new("id", ColumnType.Uuid, row => row.Id),
        new("kind", ColumnType.Text, row => NameOf(row.Kind)),
        new("origin", ColumnType.Text, row => NameOf(row.Origin)),
        new("bioPageId", ColumnType.Uuid, row => row.BioPageId),
        new("userId", ColumnType.Uuid, row => row.UserId),
        new("subject", ColumnType.Text, row => row.Subject),
        new("requestedAt", ColumnType.Instant, row => row.RequestedAt),
        new("sessions", ColumnType.BigInteger, row => row.Sessions),
        new("pageViews", ColumnType.BigInteger, row => row.PageViews));

    /// <summary>The name of a kind or an origin in the table and in answers.</summary>
    public static string NameOf<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();
}

/// <summary>What is erased.</summary>
internal enum ErasureKind
{
    /// <summary>A user with everything: account, page, and all that was counted.</summary>
    Creator,

    /// <summary>All visits of one visitor.</summary>
    Visitor,

    /// <summary>All clicks on one link.</summary>
    Link,
}

/// <summary>Who asked for an erasure.</summary>
internal enum ErasureOrigin
{
    Creator,
    Operator,
    Visitor,
}
