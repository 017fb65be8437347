using System.Text.Json.Serialization;
using Bioscope.Engine.Storage;

namespace Bioscope.Server.Api.Webhooks;

/// <summary>An attempt to tell a webhook something.</summary>
/// <param name="MessageId">The same for all attempts to tell one thing; the receiver gets it as <c>webhook-id</c>.</param>
/// <param name="Event">The event.</param>
/// <param name="At">When it was tried.</param>
/// <param name="Attempt">1 for the first.</param>
/// <param name="Status">The status of the answer; null where there was none.</param>
/// <param name="Problem">Why it failed; null where it did not.</param>
internal sealed record WebhookDelivery(
    string MessageId,
    string Event,
    DateTimeOffset At,
    int Attempt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] int? Status,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Problem)
{
    /// <summary>How many are kept for a webhook.</summary>
    public const int MaxKept = 50;

    private const string ListSql = """
        -- deliveries of webhook
        SELECT "messageId", "event", "at", "attempt", "status", "problem" FROM "WebhookDelivery" WHERE "webhookId" = @webhook
        ORDER BY "at" DESC, "id" DESC LIMIT @max
        """;

    private const string AddSql = """
        -- add delivery
        INSERT INTO "WebhookDelivery" ("id", "webhookId", "messageId", "event", "at", "attempt", "status", "problem")
        SELECT @id, @webhook, @message, @event, @at, @attempt, @status, @problem WHERE EXISTS (SELECT 1 FROM "Webhook" WHERE "id" = @webhook)
        """;

    private const string TrimSql = """
        -- remove old deliveries
        DELETE FROM "WebhookDelivery" WHERE "webhookId" = @webhook AND "id" NOT IN (
          SELECT "id" FROM "WebhookDelivery" WHERE "webhookId" = @webhook ORDER BY "at" DESC, "id" DESC LIMIT @max)
        """;

    /// <summary>The last attempts of a webhook, newest first.</summary>
    public static Task<List<WebhookDelivery>> ReadAsync(MainDatabase main, Guid webhook, CancellationToken cancellationToken) => main.QueryAsync(
        ListSql,
        row => new WebhookDelivery(
            row.GetString(0), row.GetString(1), main.Dialect.ReadInstant(row, 2), row.GetInt32(3), row.IsDBNull(4) ? null : row.GetInt32(4),
            row.IsDBNull(5) ? null : row.GetString(5)),
        cancellationToken,
        ("@webhook", webhook), ("@max", MaxKept));

    /// <summary>Keeps it, unless the webhook was removed, and forgets the oldest.</summary>
    public async Task AddAsync(MainDatabase main, Guid webhook, CancellationToken cancellationToken)
    {
        await main.ExecuteAsync(
            AddSql, cancellationToken, ("@id", Guid.CreateVersion7(At)), ("@webhook", webhook), ("@message", MessageId), ("@event", Event),
            ("@at", At), ("@attempt", Attempt), ("@status", Status), ("@problem", Problem));
        await main.ExecuteAsync(TrimSql, cancellationToken, ("@webhook", webhook), ("@max", MaxKept));
    }
}
