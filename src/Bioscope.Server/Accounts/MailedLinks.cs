using System.Buffers.Text;
using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using Bioscope.Core;
using Bioscope.Engine.Storage;
using Bioscope.Server.Configuration;
using Bioscope.Server.Mail;

namespace Bioscope.Server.Accounts;

/// <summary>
/// Links that are sent by mail: each works once, for <see cref="Life"/>. The token in a link is its id and a keyed hash of it, so that the
/// database, or a copy of it, holds nothing that opens an account.
/// </summary>
internal sealed class MailedLinks(MainDatabase main, Settings settings, TimeProvider clock)
{
    public static readonly TimeSpan Life = TimeSpan.FromMinutes(30);

    /// <summary>Whoever asks again sooner, for an address that may be somebody else's, gets no second mail.</summary>
    public static readonly TimeSpan Between = TimeSpan.FromMinutes(5);

    /// <summary>How many links of a kind a user may have at a time: enough for somebody who is impatient, too few to fill a mailbox.</summary>
    public const int MaxAtOnce = 3;

    private const int IdBytes = 16;

    private const string DeleteExpiredSql = """
        -- remove expired mailed links
        DELETE FROM "MailedLink" WHERE "expiresAt" <= @now
        """;

    private const string CountSql = """
        -- mailed links of user
        SELECT COUNT(*) FROM "MailedLink" WHERE "userId" = @user AND "kind" = @kind AND "id" <> @id
        """;

    private const string FindSql = """
        -- mailed link
        SELECT "userId", "email" FROM "MailedLink" WHERE "id" = @id AND "kind" = @kind AND "expiresAt" > @now
        """;

    private const string TakeSql = """
        -- take mailed link
        DELETE FROM "MailedLink" WHERE "id" = @id AND "kind" = @kind AND "expiresAt" > @now
        """;

    private const string DeleteOfUserSql = """
        -- remove mailed links of user
        DELETE FROM "MailedLink" WHERE "userId" = @user
        """;

    private readonly byte[] _key = LoginAttempts.Key(settings, "bioscope mailed links");

    /// <summary>Makes the link of a mail, or finds it again: a mail that is tried twice has the same one.</summary>
    /// <returns>The link's token; null when the user has enough of them.</returns>
    public Task<string?> MakeAsync(OutboxMessage message, Guid user, string email, CancellationToken cancellationToken) => MakeAsync(
        new MailedLink(Uuid.Named($"{message.Key} {message.CreatedAt:O}"), message.Kind, user, email, message.ExpiresAt), cancellationToken);

    /// <summary>Makes a link, unless it exists.</summary>
    /// <returns>The link's token; null when the user has enough of them.</returns>
    public async Task<string?> MakeAsync(MailedLink link, CancellationToken cancellationToken)
    {
        await main.ExecuteAsync(DeleteExpiredSql, cancellationToken, ("@now", clock.GetUtcNow()));
        var others = await main.QueryAsync(
            CountSql, row => row.GetInt64(0), cancellationToken, ("@user", link.User), ("@kind", link.Kind), ("@id", link.Id));
        if (others is [>= MaxAtOnce])
        {
            return null;
        }

        await main.InsertAsync(MailedLink.Table, [link], cancellationToken);
        return TokenOf(link.Kind, link.Id);
    }

    /// <summary>The token of a link with this id.</summary>
    public string TokenOf(string kind, Guid id) => Base64Url.EncodeToString([.. id.ToByteArray(bigEndian: true), .. Hash(kind, id)]);

    /// <summary>Finds a link that still works.</summary>
    public async Task<MailedLink?> FindAsync(string kind, string token, CancellationToken cancellationToken)
    {
        if (IdOf(kind, token) is not { } id)
        {
            return null;
        }

        var now = clock.GetUtcNow();
        var found = await main.QueryAsync(
            FindSql, row => new MailedLink(id, kind, main.Dialect.ReadGuid(row, 0), row.GetString(1), now), cancellationToken,
            ("@id", id), ("@kind", kind), ("@now", now));
        return found is [var link] ? link : null;
    }

    /// <summary>Uses up a link, within the transaction of what it is for.</summary>
    /// <returns>False when somebody else has used it, or it has expired.</returns>
    public async Task<bool> TakeAsync(DbTransaction transaction, MailedLink link, CancellationToken cancellationToken) =>
        await main.Dialect.ExecuteAsync(
            transaction, TakeSql, cancellationToken, ("@id", link.Id), ("@kind", link.Kind), ("@now", clock.GetUtcNow())) == 1;

    /// <summary>Ends all links of a user, within the transaction of another change.</summary>
    public static Task EndAllAsync(SqlDialect dialect, DbTransaction transaction, Guid user, CancellationToken cancellationToken) =>
        dialect.ExecuteAsync(transaction, DeleteOfUserSql, cancellationToken, ("@user", user));

    /// <summary>The id that a token is of; null for what is no token of ours.</summary>
    public Guid? IdOf(string kind, string token)
    {
        // A token has one text: an extra bit at its end would be ignored.
        if (token.Length > 64 || !Base64Url.IsValid(token) || Base64Url.DecodeFromChars(token) is not { Length: IdBytes + 16 } bytes
            || Base64Url.EncodeToString(bytes) != token)
        {
            return null;
        }

        var id = new Guid(bytes.AsSpan(0, IdBytes), bigEndian: true);
        return CryptographicOperations.FixedTimeEquals(bytes.AsSpan(IdBytes), Hash(kind, id)) ? id : null;
    }

    private byte[] Hash(string kind, Guid id) => HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes($"{kind} {id:D}"))[..16];
}

/// <summary>A link that is sent by mail.</summary>
/// <param name="Id">Names it.</param>
/// <param name="Kind">What it is for.</param>
/// <param name="User">Whose it is.</param>
/// <param name="Email">Where it is sent.</param>
/// <param name="ExpiresAt">From when on it does not work.</param>
internal sealed record MailedLink(Guid Id, string Kind, Guid User, string Email, DateTimeOffset ExpiresAt)
{
    public static Table<MailedLink> Table { get; } = new(
        "MailedLink",
        new("id", ColumnType.Uuid, row => row.Id),
        new("kind", ColumnType.Text, row => row.Kind),
        new("userId", ColumnType.Uuid, row => row.User),
        new("email", ColumnType.Text, row => row.Email),
        new("expiresAt", ColumnType.Instant, row => row.ExpiresAt));
}
