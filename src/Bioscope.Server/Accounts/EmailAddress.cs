using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Bioscope.Engine.Auditing;
using Bioscope.Engine.Creators;
using Bioscope.Engine.Json;
using Bioscope.Engine.Storage;
using Bioscope.Server.Auditing;
using Bioscope.Server.Configuration;
using Bioscope.Server.Mail;
using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Accounts;

/// <summary>
/// <c>GET /api/v1/auth/email</c>: the caller's e-mail address, and whether it is known to be hers. <c>PUT …/email {email, password}</c>
/// sends a link to an address, hers or another one; <c>POST …/email/confirm {token}</c> with the link's token makes it her confirmed
/// address. Whether another user has the address is not said to anybody but its owner.
/// </summary>
internal sealed class EmailAddress(
    MainDatabase main, Outbox outbox, MailedLinks links, LoginAttempts attempts, Settings settings, TimeProvider clock) : ILetterKind
{
    /// <summary>The kind of its mails and links.</summary>
    public const string Name = "confirm";

    private const string OfUserSql = """
        -- e-mail of user
        SELECT "email", "emailConfirmedAt" FROM "User" WHERE "id" = @user AND "email" IS NOT NULL AND "passwordHash" IS NOT NULL
        """;

    private const string OthersSql = """
        -- other user of e-mail
        SELECT 1 FROM "User" WHERE "email" = @email AND "id" <> @user
        """;

    private const string SetSql = """
        -- confirm e-mail
        UPDATE "User" SET "email" = @email, "emailConfirmedAt" = @now WHERE "id" = @user AND "passwordHash" IS NOT NULL
          AND NOT EXISTS (SELECT 1 FROM "User" other WHERE other."email" = @email AND other."id" <> @user)
        """;

    /// <summary>Why a link confirms nothing.</summary>
    public static ApiError Unusable { get; } = ApiError.Invalid("this link does not work any more; ask for a new one on your account's page");

    /// <summary>Why no link can be sent.</summary>
    public static ApiError NoMail { get; } =
        ApiError.Unavailable with { Details = ["this server sends no mail, so an address cannot be confirmed"] };

    string ILetterKind.Kind => Name;

    public static void Map(IEndpointRouteBuilder auth, Settings settings)
    {
        auth.MapGet("email", GetAsync).RequireAuthorization()
            .WithMetadata(new ThrottlePolicy("email", settings.BioReadsPerMinute, TimeSpan.FromMinutes(1)));
        auth.MapPut("email", PutAsync).RequireAuthorization().WithMetadata(LoginEndpoint.Limit(settings));
        auth.MapPost("email/confirm", ConfirmAsync).WithMetadata(LoginEndpoint.Limit(settings));
    }

    /// <summary>The user's address; null where the user signs in elsewhere.</summary>
    public async Task<OwnEmail?> OfUserAsync(Guid user, CancellationToken cancellationToken) => await main.QueryAsync(
        OfUserSql, row => new OwnEmail(row.GetString(0), !row.IsDBNull(1)), cancellationToken, ("@user", user)) is [var email] ? email : null;

    /// <summary>Has a link sent that makes an address the user's.</summary>
    public Task AskAsync(Guid user, string email, Words words, CancellationToken cancellationToken) => outbox.AskAsync(
        Name, $"{user:D}:{attempts.AccountOf(email)}", TimeSpan.FromMinutes(1),
        new JsonObject { ["user"] = user.ToString("D"), ["email"] = email, ["language"] = words.Tag }, MailedLinks.Life, cancellationToken);

    /// <summary>Finds the address that a link confirms; null when the link does not work any more.</summary>
    public async Task<string?> OfLinkAsync(string token, CancellationToken cancellationToken) =>
        (await links.FindAsync(Name, token, cancellationToken))?.Email;

    /// <summary>Makes the link's address the user's; the address of before is told, where it was another one.</summary>
    /// <returns>False when the link does not work any more.</returns>
    public async Task<bool> ConfirmAsync(HttpContext http, string token)
    {
        var cancellationToken = http.RequestAborted;
        if (await links.FindAsync(Name, token, cancellationToken) is not { } link)
        {
            return false;
        }

        var before = await OfUserAsync(link.User, cancellationToken);
        var isSet = await main.TransactAsync(
            "confirm e-mail",
            async transaction => await links.TakeAsync(transaction, link, cancellationToken)
                && await main.Dialect.ExecuteAsync(
                    transaction, SetSql, cancellationToken, ("@email", link.Email), ("@user", link.User), ("@now", clock.GetUtcNow())) == 1,
            cancellationToken);
        if (isSet && before is { IsConfirmed: true } old && old.Email != link.Email)
        {
            var data = new JsonObject { ["email"] = old.Email, ["language"] = Words.Of(http).Tag }.ToJsonString();
            await outbox.AddAsync(
                [outbox.New(MailService.Channel, MovedLetter.Name, $"{MovedLetter.Name}:{link.Id:D}", data, TimeSpan.FromDays(2))], cancellationToken);
        }

        if (isSet)
        {
            await Audit.WriteAsync(http, AuditKind.Email, link.User);
        }

        return isSet;
    }

    public async Task<Letter?> ComposeAsync(OutboxMessage message, CancellationToken cancellationToken)
    {
        var data = JsonNode.Parse(message.Data)!;
        var (user, email) = (Guid.Parse((string)data["user"]!), (string)data["email"]!);
        // Its owner is not bothered because somebody types her address.
        if (await OfUserAsync(user, cancellationToken) is null
            || await main.QueryAsync(OthersSql, _ => true, cancellationToken, ("@email", email), ("@user", user)) is not [])
        {
            return null;
        }

        if (await links.MakeAsync(message, user, email, cancellationToken) is not { } token)
        {
            return null;
        }

        var (words, url) = (Words.Named((string?)data["language"]), $"{settings.PublicUrl}/dashboard/confirm/{token}");
        var texts = new LetterWords(words);
        return new Letter(
            words,
            email,
            texts.ConfirmSubject,
            $"""
            {texts.ConfirmHow(settings.PublicUrl!)}
            {url}

            {texts.ConfirmNotYou}

            """,
            Html.Of($"""
                {LetterHtml.Title(Html.Of($"{texts.ConfirmTitle}"))}
                {LetterHtml.Paragraph(Html.Of($"{texts.ConfirmWhere(settings.PublicUrl!)}"))}
                {LetterHtml.Button(url, texts.ConfirmButton)}
                {LetterHtml.Note(Html.Of($"{texts.ConfirmNote}"))}
                """));
    }

    private static EmailAddress Of(HttpContext http) => http.RequestServices.GetRequiredService<EmailAddress>();

    private static async Task GetAsync(HttpContext http)
    {
        var email = Sessions.UserOf(http) is { } user ? await Of(http).OfUserAsync(user, http.RequestAborted) : null;
        await (email is null
            ? Errors.WriteAsync(http, PasswordEndpoint.SignsInElsewhere)
            : ApiResponse.OkAsync(http, email, EmailJson.Default.SuccessOwnEmail));
    }

    private static async Task PutAsync(HttpContext http)
    {
        var (request, refusal) = await JsonRequest.ReadAsync(http, EmailRequest.Read);
        refusal ??= Sessions.UserOf(http) is { } user
            ? await RequestAsync(http, user, request!)
            : PasswordEndpoint.SignsInElsewhere;
        await (refusal is null ? ApiResponse.AcknowledgeAsync(http) : Errors.WriteAsync(http, refusal));
    }

    /// <summary>Has a link sent if the password is right.</summary>
    /// <returns>Why none is sent, or null.</returns>
    public static async Task<ApiError?> RequestAsync(HttpContext http, Guid user, EmailRequest request)
    {
        var services = http.RequestServices;
        if (!services.GetRequiredService<Mailer>().IsSet)
        {
            return NoMail;
        }

        var (own, refusal) = await PasswordEndpoint.VerifyAsync(http, user, request.Password, "password");
        if (own is not null)
        {
            await Of(http).AskAsync(user, request.Email, Words.Of(http), http.RequestAborted);
        }

        return refusal;
    }

    private static async Task ConfirmAsync(HttpContext http)
    {
        var (token, refusal) = await JsonRequest.ReadAsync(http, body => body.RequiredText("token", 1, 100));
        if (token is not null && !await Of(http).ConfirmAsync(http, token))
        {
            refusal = Unusable;
        }

        await (refusal is null ? ApiResponse.AcknowledgeAsync(http) : Errors.WriteAsync(http, refusal));
    }
}

/// <summary>A user's e-mail address, and whether it is known to be the user's.</summary>
internal sealed record OwnEmail(string Email, bool IsConfirmed);

/// <summary>An address to be confirmed, with the user's password.</summary>
internal sealed record EmailRequest(string Email, string Password)
{
    public static EmailRequest Read(JsonBody body)
    {
        var request = new EmailRequest(
            CreatorStore.NormalizeEmail(body.RequiredText("email", 1, CreatorStore.MaxEmailChars)), body.RequiredText("password", 1, Passwords.MaxChars));
        if (body.Problems.Count == 0 && !IsAddress(request.Email))
        {
            body.Refuse("email", "must be an e-mail address");
        }

        return request;
    }

    /// <summary>Whether mail could be sent to a text.</summary>
    public static bool IsAddress(string email) => email.Length is > 0 and <= CreatorStore.MaxEmailChars
        && MimeKit.MailboxAddress.TryParse(email, out var address) && address.Address == email && email.Contains('@', StringComparison.Ordinal);
}

/// <summary>Tells an address that it is not the user's any more, so that a thief of the account does not go unnoticed.</summary>
internal sealed class MovedLetter(Settings settings) : ILetterKind
{
    public const string Name = "moved";

    public string Kind => Name;

    public Task<Letter?> ComposeAsync(OutboxMessage message, CancellationToken cancellationToken)
    {
        var data = JsonNode.Parse(message.Data)!;
        var words = Words.Named((string?)data["language"]);
        var texts = new LetterWords(words);
        var what = texts.MovedWhat(settings.PublicUrl!);
        return Task.FromResult<Letter?>(new Letter(
            words,
            (string)data["email"]!,
            texts.MovedSubject,
            $"""
            {what}

            {texts.MovedNotYou}

            """,
            Html.Of($"""
                {LetterHtml.Title(Html.Of($"{texts.MovedSubject}"))}
                {LetterHtml.Paragraph(Html.Of($"{what}"))}
                {LetterHtml.Note(Html.Of($"{texts.MovedNotYou}"))}
                """)));
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Success<OwnEmail>))]
internal sealed partial class EmailJson : JsonSerializerContext;
