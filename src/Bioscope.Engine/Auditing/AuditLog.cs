using System.Globalization;
using Bioscope.Core;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Auditing;

/// <summary>Which events are read, the newest first.</summary>
/// <param name="Kind">Of this kind; null for all.</param>
/// <param name="Person">By or about this user; null for all.</param>
/// <param name="From">From then on.</param>
/// <param name="Until">Before that.</param>
internal sealed record AuditQuery(string? Kind, Guid? Person, DateTimeOffset From, DateTimeOffset Until);

/// <summary>An event with the names that its ids have now; null for those of nobody any more.</summary>
/// <param name="Event">The event.</param>
/// <param name="Actor">The e-mail address of the user who did it.</param>
/// <param name="Key">The name of the API key that did it.</param>
/// <param name="User">The e-mail address of the user whom it is about.</param>
/// <param name="Handle">The handle of the page that it is about.</param>
internal sealed record NamedEvent(AuditEvent Event, string? Actor, string? Key, string? User, string? Handle);

/// <summary>
/// Writes and reads what was done. Nobody can fill the table: failed sign-ins are counted in one row an hour for each user and network, of
/// at most <see cref="MaxRefused"/> such rows, and so is what one user does more often than <see cref="MaxOwnRows"/> times an hour.
/// </summary>
internal sealed class AuditLog(MainDatabase main, TimeProvider clock)
{
    /// <summary>A person who does something by hand has a row for each time; a program that does nothing else has not.</summary>
    public const int MaxOwnRows = 60;

    /// <summary>Over a year that is less than a million rows, about 150 MB, even if somebody tries without end.</summary>
    public const int MaxRefused = 100;

    // A century: an instant that far back exists in every database.
    private const int MaxMonths = 1_200;

    private const string AddSql = """
        -- add audit event
        INSERT INTO "AuditEvent" ("id", "at", "kind", "actorId", "userId", "bioPageId", "origin", "network", "country", "subject", "count")
        VALUES (@id, @at, @kind, @actor, @user, @page, @origin, @network, @country, @subject, 1)
        ON CONFLICT ("id") DO UPDATE SET "count" = "AuditEvent"."count" + 1, "at" = @at
        """;

    private const string ReadSql = """
        -- audit
        SELECT event."id", event."at", event."kind", event."actorId", event."userId", event."bioPageId", event."origin", event."network",
          event."country", event."subject", event."count", actor."email", key."name", account."email", page."handle"
        FROM (
          SELECT * FROM "AuditEvent"
          WHERE "at" >= @from AND "at" < @until AND (@kind = '' OR "kind" = @kind) AND (@all = 1 OR "actorId" = @person OR "userId" = @person)
          ORDER BY "at" DESC, "id" LIMIT @limit OFFSET @offset) event
        LEFT JOIN "User" actor ON actor."id" = event."actorId" LEFT JOIN "ApiKey" key ON key."id" = event."actorId"
        LEFT JOIN "User" account ON account."id" = event."userId"
        LEFT JOIN "BioPage" page ON page."id" = event."bioPageId"
        ORDER BY event."at" DESC, event."id"
        """;

    private const string DeleteOldSql = """
        -- remove old audit events
        DELETE FROM "AuditEvent" WHERE "at" < @until
        """;

    private readonly Lock _counting = new();
    private readonly Dictionary<(Guid? Actor, string Kind), int> _counts = [];
    private readonly HashSet<Guid> _refused = [];
    private long _hour;

    /// <summary>Writes an event, as of now.</summary>
    public Task WriteAsync(AuditEvent what, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var row = Folded(what, now);
        return main.ExecuteAsync(
            AddSql, cancellationToken, ("@id", row.Id), ("@at", now), ("@kind", row.Kind), ("@actor", row.ActorId), ("@user", row.UserId),
            ("@page", row.BioPageId), ("@origin", row.Origin), ("@network", row.Network), ("@country", row.Country), ("@subject", row.Subject));
    }

    /// <summary>Reads a part of the events, the newest first.</summary>
    public Task<List<NamedEvent>> ReadAsync(AuditQuery query, int limit, int offset, CancellationToken cancellationToken) => main.QueryAsync(
        ReadSql,
        row => new NamedEvent(
            new AuditEvent(row.GetString(2), row.GetString(6))
            {
                Id = main.Dialect.ReadGuid(row, 0),
                At = main.Dialect.ReadInstant(row, 1),
                ActorId = Id(row, 3),
                UserId = Id(row, 4),
                BioPageId = Id(row, 5),
                Network = Text(row, 7),
                Country = Text(row, 8),
                Subject = Text(row, 9),
                Count = row.GetInt32(10),
            },
            Text(row, 11), Text(row, 12), Text(row, 13), Text(row, 14)),
        cancellationToken,
        ("@from", query.From), ("@until", query.Until), ("@kind", query.Kind ?? ""), ("@all", query.Person is null ? 1 : 0),
        ("@person", query.Person ?? Guid.Empty), ("@limit", limit), ("@offset", offset));

    /// <summary>Removes what is older than some months.</summary>
    public Task DeleteOldAsync(int months, CancellationToken cancellationToken) =>
        main.ExecuteAsync(DeleteOldSql, cancellationToken, ("@until", clock.GetUtcNow().AddMonths(-Math.Min(months, MaxMonths))));

    /// <summary>The row of an event: one of its own, or the one in which its hour is counted.</summary>
    private AuditEvent Folded(AuditEvent what, DateTimeOffset now)
    {
        var hour = now.ToUnixTimeSeconds() / 3600;
        lock (_counting)
        {
            if (hour != _hour)
            {
                _hour = hour;
                _counts.Clear();
                _refused.Clear();
            }

            if (what.Kind == AuditKind.SignInRefused)
            {
                var id = IdOf(hour, $"{what.Kind} {what.UserId} {what.Network}");
                if (_refused.Contains(id) || _refused.Count < MaxRefused)
                {
                    _refused.Add(id);
                    return what with { Id = id };
                }

                return what with { Id = IdOf(hour, what.Kind), UserId = null, Network = null, Country = null };
            }

            var count = _counts[(what.ActorId, what.Kind)] = _counts.GetValueOrDefault((what.ActorId, what.Kind)) + 1;
            return count <= MaxOwnRows || what.ActorId is null
                ? what with { Id = Guid.CreateVersion7(now) }
                : what with { Id = IdOf(hour, $"{what.Kind} {what.ActorId}"), Subject = null };
        }
    }

    private static Guid IdOf(long hour, string what) =>
        Uuid.Named(string.Create(CultureInfo.InvariantCulture, $"bioscope audit {hour} {what}"));

    private Guid? Id(System.Data.Common.DbDataReader row, int column) => row.IsDBNull(column) ? null : main.Dialect.ReadGuid(row, column);

    private static string? Text(System.Data.Common.DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
