using Bioscope.Engine.Exporting;
using Bioscope.Engine.Storage;

namespace Bioscope.Server.Api.Data;

/// <summary>
/// What an archive says about an account besides the rows that an import reads: each a list in <c>account.json</c>. Passwords, secrets and
/// what only the server computes with are left out.
/// </summary>
internal static class AccountTables
{
    public static IReadOnlyList<AccountTable> All { get; } =
    [
        new("user", "User", "\"id\" = @user", Text("email"), Instant("emailConfirmedAt"), Instant("createdAt")),
        new("signIns", "RefreshFamily", "\"userId\" = @user", Text("client"), Instant("startedAt"), Instant("usedAt")),
        new("passkeys", "Passkey", "\"userId\" = @user", Text("client"), Instant("createdAt"), Instant("usedAt")),
        new("oldHandles", "OldHandle", "\"bioPageId\" = @page", Text("handle"), Instant("until")),
        new("deletedLinks", "DeletedLink", "\"bioPageId\" = @page", Id("id"), Text("title"), Text("url"), Instant("deletedAt")),
        new("sharedViews", "SharedView", "\"bioPageId\" = @page", Id("id"), Text("title"), Text("question"), Id("linkId"), Text("blocks"),
            Text("embedOrigins"), Instant("createdAt"), Instant("expiresAt"), Instant("lastUsedAt"), Instant("frozenAt"), Text("proof")),
        new("mails", "MailSubscription", "\"userId\" = @user", Id("bioPageId"), Flag("weekly"), Flag("monthly"), Flag("spikes"), Flag("drops"),
            Number("times"), Number("minVisits"), Text("language")),
        new("webhooks", "Webhook", "\"bioPageId\" = @page", Id("id"), Text("url"), Text("events"), Instant("createdAt")),
        new("members", "PageMember", "\"bioPageId\" = @page", Id("userId"), Text("role"), Instant("createdAt")),
        new("memberOf", "PageMember", "\"userId\" = @user", Id("bioPageId"), Text("role"), Instant("createdAt")),
        new("invitations", "MemberInvitation", "\"bioPageId\" = @page", Text("email"), Text("role"), Instant("createdAt"), Instant("expiresAt")),
    ];

    private static ExportField Id(string name) => new(name, ColumnType.Uuid);

    private static ExportField Text(string name) => new(name, ColumnType.Text);

    private static ExportField Number(string name) => new(name, ColumnType.Integer);

    private static ExportField Flag(string name) => new(name, ColumnType.Boolean);

    private static ExportField Instant(string name) => new(name, ColumnType.Instant);
}

/// <summary>One list of <c>account.json</c>.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Table">The table.</param>
/// <param name="Condition">Which rows of it.</param>
/// <param name="Fields">What of a row.</param>
internal sealed record AccountTable(string Name, string Table, string Condition, params IReadOnlyList<ExportField> Fields);
