using System.Data.Common;
using Bioscope.Engine.Counting;
using Bioscope.Engine.Storage;
using Bioscope.Server.Api.Mails;
using NodaTime;

namespace Bioscope.Server.Api.Webhooks;

/// <summary>An address of another program that is told what happens on a page.</summary>
/// <param name="Id">Names it.</param>
/// <param name="Url">Where events are posted to.</param>
/// <param name="Events">The events, of <see cref="All"/>.</param>
internal sealed record Webhook(Guid Id, string Url, IReadOnlyList<string> Events)
{
    public const string Weekly = "report.weekly", Monthly = "report.monthly", Spike = "visits.spike", Drop = "visits.drop";

    /// <summary>An event that is sent on request only, to every webhook.</summary>
    public const string Test = "test";

    /// <summary>The events that a webhook may choose.</summary>
    public static IReadOnlyList<string> All { get; } = [Weekly, Monthly, Spike, Drop];

    /// <summary>The maximum of webhooks that a page has.</summary>
    public const int Max = 5;

    private const string Columns = """ "id", "url", "events" """;

    private const string ListSql = $"""
        -- webhooks
        SELECT {Columns} FROM "Webhook" WHERE "bioPageId" = @page ORDER BY "createdAt", "id"
        """;

    private const string OneSql = $"""
        -- webhook
        SELECT {Columns} FROM "Webhook" WHERE "id" = @id AND "bioPageId" = @page
        """;

    private const string AddSql = """
        -- add webhook
        INSERT INTO "Webhook" ("id", "bioPageId", "url", "events", "createdAt") VALUES (@id, @page, @url, @events, @now)
        """;

    private const string RemoveSql = """
        -- remove webhook
        DELETE FROM "Webhook" WHERE "id" = @id AND "bioPageId" = @page
        """;

    private const string RemoveDeliveriesSql = """
        -- remove deliveries of webhook
        DELETE FROM "WebhookDelivery" WHERE "webhookId" = @id
        """;

    // What is unusual, the page's creator says once for mails and webhooks.
    private const string ReceiversSql = """
        -- receivers of events
        SELECT w."id", w."url", w."events", w."bioPageId", page."timeZone", w."createdAt", s."times", s."minVisits"
        FROM "Webhook" w JOIN "BioPage" page ON page."id" = w."bioPageId" JOIN "CreatorProfile" creator ON creator."id" = page."creatorId"
          LEFT JOIN "MailSubscription" s ON s."bioPageId" = w."bioPageId" AND s."userId" = creator."userId"
          JOIN "User" owner ON owner."id" = creator."userId" AND owner."suspendedAt" IS NULL
        """;

    /// <summary>The page's webhooks, oldest first.</summary>
    public static Task<List<Webhook>> ReadAsync(MainDatabase main, Guid page, CancellationToken cancellationToken) =>
        main.QueryAsync(ListSql, row => Of(main.Dialect, row), cancellationToken, ("@page", page));

    /// <summary>One of the page's webhooks; null when the page does not have it.</summary>
    public static async Task<Webhook?> FindAsync(MainDatabase main, Guid page, Guid id, CancellationToken cancellationToken) =>
        await main.QueryAsync(OneSql, row => Of(main.Dialect, row), cancellationToken, ("@id", id), ("@page", page)) is [var one] ? one : null;

    /// <summary>Adds it within a transaction that excludes other edits of the page.</summary>
    /// <returns>How many the page had; with <see cref="Max"/> it is not added.</returns>
    public async Task<int> AddAsync(
        MainDatabase main, DbTransaction transaction, Guid page, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var count = (await main.Dialect.QueryAsync(transaction, ListSql, _ => true, cancellationToken, ("@page", page))).Count;
        if (count < Max)
        {
            await main.Dialect.ExecuteAsync(
                transaction, AddSql, cancellationToken, ("@id", Id), ("@page", page), ("@url", Url), ("@events", string.Join(' ', Events)), ("@now", now));
        }

        return count;
    }

    /// <summary>Removes one of the page's webhooks with its deliveries.</summary>
    /// <returns>False when the page does not have it.</returns>
    public static Task<bool> RemoveAsync(MainDatabase main, Guid page, Guid id, CancellationToken cancellationToken) => main.TransactAsync(
        "remove webhook",
        async transaction =>
        {
            if (await main.Dialect.ExecuteAsync(transaction, RemoveSql, cancellationToken, ("@id", id), ("@page", page)) != 1)
            {
                return false;
            }

            await main.Dialect.ExecuteAsync(transaction, RemoveDeliveriesSql, cancellationToken, ("@id", id));
            return true;
        },
        cancellationToken);

    /// <summary>Every webhook, with what its page's creator calls unusual.</summary>
    public static Task<List<WebhookReceiver>> ReceiversAsync(MainDatabase main, CancellationToken cancellationToken) => main.QueryAsync(
        ReceiversSql,
        row =>
        {
            var webhook = Of(main.Dialect, row);
            return new WebhookReceiver(
                webhook.Id,
                main.Dialect.ReadGuid(row, 3),
                (row.IsDBNull(4) ? null : TimeZoneName.Find(row.GetString(4))) ?? DateTimeZone.Utc,
                main.Dialect.ReadInstant(row, 5),
                MailSubscription.None with
                {
                    Weekly = webhook.Events.Contains(Weekly),
                    Monthly = webhook.Events.Contains(Monthly),
                    Spikes = webhook.Events.Contains(Spike),
                    Drops = webhook.Events.Contains(Drop),
                    Times = row.IsDBNull(6) ? MailSubscription.None.Times : row.GetInt32(6),
                    MinVisits = row.IsDBNull(7) ? MailSubscription.None.MinVisits : row.GetInt32(7),
                });
        },
        cancellationToken);

    private static Webhook Of(SqlDialect dialect, DbDataReader row) =>
        new(dialect.ReadGuid(row, 0), row.GetString(1), row.GetString(2).Split(' ', StringSplitOptions.RemoveEmptyEntries));
}

/// <summary>A webhook, and what it is told.</summary>
/// <param name="Webhook">The webhook's id.</param>
/// <param name="Page">Its page.</param>
/// <param name="Zone">The page's zone.</param>
/// <param name="CreatedAt">From when on it is told.</param>
/// <param name="Chosen">Its events, and what is a spike or a drop.</param>
internal sealed record WebhookReceiver(Guid Webhook, Guid Page, DateTimeZone Zone, DateTimeOffset CreatedAt, MailSubscription Chosen);
