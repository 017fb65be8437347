using System.Data.Common;
using System.Text.Json;
using Bioscope.Engine.Auditing;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Erasing;

/// <summary>Whose rows are erased.</summary>
/// <param name="UserId">The user.</param>
/// <param name="BioPageId">The user's page; null for a user without one.</param>
/// <param name="Email">The user's e-mail address, if it is known.</param>
/// <param name="Account">Under what failed logins of the user are counted, if there is an address.</param>
internal sealed record ErasedCreator(Guid UserId, Guid? BioPageId, string? Email, string? Account);

/// <summary>What the main database holds about a creator, table by table. A test compares it with the schema.</summary>
internal static class ErasedRows
{
    private const string OfPage = "\"bioPageId\" = @page", OfUser = "\"userId\" = @user", OfEmail = "\"email\" = @email";

    /// <summary>Each table with the condition of the rows to delete, in an order in which the conditions still find them.</summary>
    public static IReadOnlyList<(string Table, string Condition)> Conditions { get; } =
    [
        ("WebhookDelivery", "\"webhookId\" IN (SELECT \"id\" FROM \"Webhook\" WHERE \"bioPageId\" = @page)"),
        ("Webhook", OfPage),
        ("Avatar", OfPage),
        ("OldHandle", OfPage),
        ("BioLink", OfPage),
        ("DeletedLink", OfPage),
        ("Placement", OfPage),
        ("Site", OfPage),
        ("SharedView", OfPage),
        ("ApiKey", OfPage),
        ("MailSubscription", $"{OfPage} OR {OfUser}"),
        ("PageMember", $"{OfPage} OR {OfUser}"),
        ("MemberInvitation", $"{OfPage} OR {OfEmail}"),
        // What is to be sent names whom it is about by an id or by the hash of the address.
        ("Outbox", string.Join(" OR ", new[] { "@textOfPage", "@textOfUser", "@account", "@jsonOfEmail" }.Select(
            text => $"{{indexOf}}(\"key\", {text}) > 0 OR {{indexOf}}(\"data\", {text}) > 0"))),
        ("RefreshFamily", OfUser),
        ("RecoveryCode", OfUser),
        ("Passkey", OfUser),
        ("MailedLink", OfUser),
        ("Invitation", OfEmail),
        ("LoginAttempt", "\"account\" = @account"),
        ("BioPage", "\"id\" = @page"),
        ("CreatorProfile", OfUser),
        ("User", "\"id\" = @user"),
    ];

    /// <summary>The tables in which nothing is about a creator, or only what was erased.</summary>
    public static IReadOnlyList<string> Others { get; } = ["AuditEvent", "BioscopeMigration", "DailySecret", "Erasure", "Instance", "SharedBudget", "UsedChallenge"];

    // What was done stays known, with ids that belong to nobody any more. Figures may have been read by a key of her page.
    private const string ForgetOriginsSql = $"""
        -- forget origins of creator
        UPDATE "AuditEvent" SET "network" = NULL, "country" = NULL, "subject" = NULL WHERE "userId" = @user OR "actorId" = @user
          OR ("kind" = '{AuditKind.Figures}' AND {OfPage})
        """;

    /// <summary>Deletes them all.</summary>
    public static async Task DeleteAsync(
        SqlDialect dialect, DbTransaction transaction, ErasedCreator creator, CancellationToken cancellationToken)
    {
        foreach (var (table, condition) in Conditions)
        {
            await dialect.ExecuteAsync(
                transaction,
                $"""
                -- erase rows of creator
                DELETE FROM "{table}" WHERE {condition}
                """,
                cancellationToken,
                [.. Values(creator).Where(value => condition.Contains('@' + value.Name, StringComparison.Ordinal))
                    .Select(value => ('@' + value.Name, value.Value))]);
        }

        await dialect.ExecuteAsync(
            transaction, ForgetOriginsSql, cancellationToken, ("@user", creator.UserId), ("@page", creator.BioPageId ?? NobodysPage));
    }

    private static IEnumerable<(string Name, object? Value)> Values(ErasedCreator creator) =>
    [
        ("page", creator.BioPageId ?? NobodysPage),
        ("user", creator.UserId),
        ("textOfPage", (creator.BioPageId ?? NobodysPage).ToString("D")),
        ("textOfUser", creator.UserId.ToString("D")),
        ("account", creator.Account ?? Nothing),
        ("email", creator.Email ?? Nothing),
        ("jsonOfEmail", creator.Email is { } email ? JsonEncodedText.Encode(email).Value : Nothing),
    ];

    // Not empty, because that would be found in every text.
    private const string Nothing = "\u0001";

    // No table has it, so a user without a page has no rows of a page.
    private static Guid NobodysPage { get; } = new("ffffffff-ffff-ffff-ffff-ffffffffffff");
}
