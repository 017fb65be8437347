using System.Buffers.Text;
using System.Data.Common;
using System.Text.Json;
using System.Text.Json.Serialization;
using Bioscope.Engine.Auditing;
using Bioscope.Engine.Storage;
using Bioscope.Server.Auditing;
using Bioscope.Server.Web;
using Fido2NetLib;
using Fido2NetLib.Objects;

namespace Bioscope.Server.Accounts;

/// <summary>The site that a passkey belongs to, as browsers name it.</summary>
/// <param name="Origin">Scheme, host and port of the pages.</param>
internal sealed record PasskeySite(string Origin)
{
    /// <summary>The host; null where it is an address, for which browsers make no passkeys.</summary>
    public string? Id => new Uri(Origin) is { HostNameType: UriHostNameType.Dns, IdnHost: var host } ? host : null;
}

/// <summary>
/// Passkeys by WebAuthn: a key in a user's device signs a challenge after the device has checked that it is her (user verification), so it
/// is two factors in one and signs in without e-mail, password and code.
/// </summary>
internal sealed class Passkeys(
    MainDatabase main, PasskeyChallenge challenges, RefreshFamilies families, AccountMetrics metrics, TimeProvider clock)
{
    /// <summary>The maximum of passkeys that a user has.</summary>
    public const int Max = 20;

    private const string ListSql = """
        -- passkeys of user
        SELECT "id", "client", "createdAt", "usedAt" FROM "Passkey" WHERE "userId" = @user ORDER BY "createdAt", "id"
        """;

    private const string AddSql = """
        -- add passkey
        INSERT INTO "Passkey" ("id", "userId", "publicKey", "signCount", "client", "createdAt")
        SELECT @id, @user, @key, @count, @client, @now
        WHERE (SELECT COUNT(*) FROM "Passkey" WHERE "userId" = @user) < @max
        ON CONFLICT ("id") DO NOTHING
        """;

    private const string RemoveSql = """
        -- remove passkey
        DELETE FROM "Passkey" WHERE "id" = @id AND "userId" = @user
        """;

    private const string ByIdSql = """
        -- passkey by id
        SELECT "userId", "publicKey", "signCount" FROM "Passkey" WHERE "id" = @id
        """;

    private const string UsedSql = """
        -- passkey used
        UPDATE "Passkey" SET "signCount" = @count, "usedAt" = @now WHERE "id" = @id
        """;

    // All devices have one of these, and .NET checks both.
    private static readonly IReadOnlyList<PubKeyCredParam> Algorithms = [PubKeyCredParam.ES256, PubKeyCredParam.RS256];

    /// <summary>A user's passkeys, oldest first.</summary>
    public Task<List<Passkey>> ReadAsync(Guid user, CancellationToken cancellationToken) => main.QueryAsync(
        ListSql,
        row => new Passkey(
            row.GetString(0), row.IsDBNull(1) ? null : row.GetString(1), main.Dialect.ReadInstant(row, 2),
            row.IsDBNull(3) ? null : main.Dialect.ReadInstant(row, 3)),
        cancellationToken,
        ("@user", user));

    /// <returns>False when the user does not have it.</returns>
    public async Task<bool> RemoveAsync(Guid user, string id, CancellationToken cancellationToken) =>
        await main.ExecuteAsync(RemoveSql, cancellationToken, ("@id", id), ("@user", user)) == 1;

    /// <summary>What the browser needs to make a passkey for a user, as JSON.</summary>
    public async Task<string> CreationOptionsAsync(PasskeySite site, Guid user, string email, CancellationToken cancellationToken)
    {
        var known = await ReadAsync(user, cancellationToken);
        return CreationOptions(
            site, user, email, challenges.New(user),
            [.. known.Select(passkey => new PublicKeyCredentialDescriptor(Base64Url.DecodeFromChars(passkey.Id)))]).ToJson();
    }

    /// <summary>What the browser needs to sign in, as JSON.</summary>
    public string RequestOptions(PasskeySite site) => RequestOptions(site, challenges.New(null)).ToJson();

    /// <summary>Adds a passkey that the browser made.</summary>
    /// <param name="site">The site of the page.</param>
    /// <param name="user">The user.</param>
    /// <param name="answer">The browser's answer, as JSON.</param>
    /// <param name="client">The browser, as the user sees it later.</param>
    /// <param name="cancellationToken">Cancels writing.</param>
    /// <returns>Why it was not added.</returns>
    public async Task<ApiError?> AddAsync(PasskeySite site, Guid user, string answer, string? client, CancellationToken cancellationToken)
    {
        var made = await VerifiedAsync(async () =>
        {
            var response = JsonSerializer.Deserialize(answer, PasskeyJson.Default.AuthenticatorAttestationRawResponse);
            return response?.Response?.ClientDataJson is { } data && challenges.Of(data, user) is { } challenge
                ? await LibraryOf(site).MakeNewCredentialAsync(
                    new()
                    {
                        AttestationResponse = response,
                        OriginalOptions = CreationOptions(site, user, "", challenge, []),
                        IsCredentialIdUniqueToUserCallback = (_, _) => Task.FromResult(true), // the table's key sees to it
                    },
                    cancellationToken)
                : null;
        });
        if (made is null)
        {
            return ApiError.Invalid("the browser's answer is not valid, or came too late; please try again");
        }

        var added = await main.ExecuteAsync(
            AddSql, cancellationToken, ("@id", Base64Url.EncodeToString(made.Id)), ("@user", user), ("@key", made.PublicKey),
            ("@count", unchecked((int)made.SignCount)), ("@client", client), ("@now", clock.GetUtcNow()), ("@max", Max));
        return added == 1 ? null : ApiError.Conflict($"this passkey is known already, or there are {Max}");
    }

    /// <summary>Signs in the user whose passkey signed our challenge.</summary>
    /// <returns>The first token of her session; null when the answer is refused, whatever the reason.</returns>
    public async Task<RefreshToken?> SignInAsync(HttpContext http, PasskeySite site, string answer)
    {
        var user = await UserOfAsync(site, answer, http.RequestAborted);
        var token = user is null ? null : await families.StartAsync(user.Value, Session.ClientOf(http), http.RequestAborted);
        metrics.Login(token is null ? SignInResult.Refused : SignInResult.Ok);
        await Audit.WriteAsync(http, token is null ? AuditKind.SignInRefused : AuditKind.SignInPasskey, user);
        return token;
    }

    private async Task<Guid?> UserOfAsync(PasskeySite site, string answer, CancellationToken cancellationToken)
    {
        var (response, challenge) = await VerifiedAsync(() =>
        {
            var response = JsonSerializer.Deserialize(answer, PasskeyJson.Default.AuthenticatorAssertionRawResponse);
            var challenge = response is { RawId.Length: > 0, Response.ClientDataJson: { } data } ? challenges.Of(data, null) : null;
            return Task.FromResult<Tuple<AuthenticatorAssertionRawResponse, byte[]>?>(challenge is null ? null : new(response!, challenge));
        }) ?? new(null!, null!);
        if (response is null)
        {
            return null;
        }

        var id = Base64Url.EncodeToString(response.RawId);
        var found = await main.QueryAsync(
            ByIdSql, row => new StoredKey(main.Dialect.ReadGuid(row, 0), row.GetFieldValue<byte[]>(1), row.GetInt32(2)), cancellationToken,
            ("@id", id));
        if (found is not [var stored])
        {
            return null;
        }

        var verified = await VerifiedAsync<VerifyAssertionResult>(async () => await LibraryOf(site).MakeAssertionAsync(
            new()
            {
                AssertionResponse = response,
                OriginalOptions = RequestOptions(site, challenge),
                StoredPublicKey = stored.PublicKey,
                StoredSignatureCounter = unchecked((uint)stored.SignCount),
                // Whoever signs in without an e-mail must be named by the device.
                IsUserHandleOwnerOfCredentialIdCallback = (owner, _) =>
                    Task.FromResult(owner.UserHandle.AsSpan().SequenceEqual(stored.User.ToByteArray(bigEndian: true))),
            },
            cancellationToken));
        if (verified is null || response.Response.UserHandle is null || !await challenges.UseAsync(challenge, cancellationToken))
        {
            return null;
        }

        await main.ExecuteAsync(
            UsedSql, cancellationToken, ("@id", id), ("@count", unchecked((int)verified.SignCount)), ("@now", clock.GetUtcNow()));
        return stored.User;
    }

    /// <summary>Runs the library on what a browser sent. It throws many kinds of exceptions for bytes that are not what they should be.</summary>
    private static async Task<T?> VerifiedAsync<T>(Func<Task<T?>> verify)
        where T : class
    {
        try
        {
            return await verify();
        }
        catch (Exception e) when (e is not (OperationCanceledException or DbException))
        {
            return null;
        }
    }

    private static Fido2 LibraryOf(PasskeySite site) => new(
        new Fido2Configuration { RPID = site.Id!, RPName = "Bioscope", Origins = new HashSet<string> { site.Origin } }, null!);

    private static CredentialCreateOptions CreationOptions(
        PasskeySite site, Guid user, string email, byte[] challenge, IReadOnlyList<PublicKeyCredentialDescriptor> known)
    {
        var options = LibraryOf(site).RequestNewCredential(new()
        {
            User = new Fido2User { Id = user.ToByteArray(bigEndian: true), Name = email, DisplayName = email },
            AuthenticatorSelection = new AuthenticatorSelection
            {
                ResidentKey = ResidentKeyRequirement.Required,
                UserVerification = UserVerificationRequirement.Required,
            },
            AttestationPreference = AttestationConveyancePreference.None,
            PubKeyCredParams = Algorithms,
            ExcludeCredentials = known,
        });
        options.Challenge = challenge;
        return options;
    }

    private static AssertionOptions RequestOptions(PasskeySite site, byte[] challenge)
    {
        var options = LibraryOf(site).GetAssertionOptions(
            new GetAssertionOptionsParams { UserVerification = UserVerificationRequirement.Required, AllowedCredentials = [] });
        options.Challenge = challenge;
        return options;
    }

    private sealed record StoredKey(Guid User, byte[] PublicKey, int SignCount);
}

/// <summary>A passkey of a user.</summary>
/// <param name="Id">As its device names it.</param>
/// <param name="Client">Browser and system on which it was made; null where they are not known.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="UsedAt">When it last signed in; null while it never did.</param>
internal sealed record Passkey(
    string Id,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Client,
    DateTimeOffset CreatedAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] DateTimeOffset? UsedAt);
