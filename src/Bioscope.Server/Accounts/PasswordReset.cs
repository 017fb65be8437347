using System.Text.Json.Nodes;
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
/// <c>POST /api/v1/auth/password/forgot {email}</c> and <c>POST …/reset {token, newPassword}</c>: a new password by a link that is sent by
/// mail. The first answers the same for every address: whether somebody has it is looked up when the mail is written, not in the request.
/// </summary>
internal sealed class PasswordReset(
    MainDatabase main, Outbox outbox, MailedLinks links, LoginAttempts attempts, Settings settings) : ILetterKind
{
    /// <summary>The kind of its mails and links.</summary>
    public const string Name = "reset";

    private const string UserSql = """
        -- user who forgot the password
        SELECT "id" FROM "User" WHERE "email" = @email AND "passwordHash" IS NOT NULL AND "emailConfirmedAt" IS NOT NULL
        """;

    /// <summary>Why a link does not reset a password.</summary>
    public static ApiError Unusable { get; } = ApiError.Invalid("this link does not work any more; ask for a new one");

    /// <summary>Why no link can be sent.</summary>
    public static ApiError NoMail { get; } =
        ApiError.Unavailable with { Details = ["this server sends no mail; its operator can set a new password"] };

    string ILetterKind.Kind => Name;

    public static void Map(IEndpointRouteBuilder auth, Settings settings)
    {
        auth.MapPost("password/forgot", ForgotAsync).WithMetadata(ForgotLimit(settings));
        auth.MapPost("password/reset", ResetAsync).WithMetadata(LoginEndpoint.Limit(settings));
    }

    /// <summary>How often a caller may ask for a mail, on any route.</summary>
    public static ThrottlePolicy ForgotLimit(Settings settings) => new("password forgot", settings.LoginsPerHour, TimeSpan.FromHours(1)) { IsExact = true };

    /// <summary>Has a link sent, if a user has the address and it is confirmed.</summary>
    public Task AskAsync(string email, Words words, CancellationToken cancellationToken) => outbox.AskAsync(
        Name, attempts.AccountOf(email), MailedLinks.Between, new JsonObject { ["email"] = email, ["language"] = words.Tag }, MailedLinks.Life,
        cancellationToken);

    /// <summary>Sets a new password by a link. It ends all sessions, all links and any lock.</summary>
    /// <returns>False when the link does not work any more.</returns>
    public async Task<bool> SetAsync(HttpContext http, string token, string password)
    {
        if (await links.FindAsync(Name, token, http.RequestAborted) is not { } link
            || !await NewPassword.SetAsync(
                main, attempts, link.Email, password, http.RequestAborted,
                // The address may be somebody else's by now.
                async (transaction, user) => user == link.User && await links.TakeAsync(transaction, link, http.RequestAborted)))
        {
            return false;
        }

        await Audit.WriteAsync(http, AuditKind.Password, link.User);
        return true;
    }

    public async Task<Letter?> ComposeAsync(OutboxMessage message, CancellationToken cancellationToken)
    {
        var data = JsonNode.Parse(message.Data)!;
        var email = (string)data["email"]!;
        var users = await main.QueryAsync(UserSql, row => main.Dialect.ReadGuid(row, 0), cancellationToken, ("@email", email));
        if (users is not [var user])
        {
            return null;
        }

        if (await links.MakeAsync(message, user, email, cancellationToken) is not { } token)
        {
            return null;
        }

        var (words, url) = (Words.Named((string?)data["language"]), $"{settings.PublicUrl}/dashboard/reset/{token}");
        var texts = new LetterWords(words);
        var asked = texts.ResetAsked(settings.PublicUrl!);
        return new Letter(
            words,
            email,
            texts.ResetSubject,
            $"""
            {asked}

            {texts.ResetHow}
            {url}

            {texts.ResetNotYou}

            """,
            Html.Of($"""
                {LetterHtml.Title(Html.Of($"{texts.ResetSubject}"))}
                {LetterHtml.Paragraph(Html.Of($"{asked}"))}
                {LetterHtml.Button(url, texts.ResetButton)}
                {LetterHtml.Note(Html.Of($"{texts.ResetNote}"))}
                """));
    }

    private static async Task ForgotAsync(HttpContext http)
    {
        var (email, refusal) = await JsonRequest.ReadAsync(
            http, body => CreatorStore.NormalizeEmail(body.RequiredText("email", 1, CreatorStore.MaxEmailChars)));
        var services = http.RequestServices;
        refusal ??= services.GetRequiredService<Mailer>().IsSet ? null : NoMail;
        if (refusal is not null)
        {
            await Errors.WriteAsync(http, refusal);
            return;
        }

        await services.GetRequiredService<PasswordReset>().AskAsync(email!, Words.Of(http), http.RequestAborted);
        await ApiResponse.AcknowledgeAsync(http);
    }

    private static async Task ResetAsync(HttpContext http)
    {
        var (reset, refusal) = await JsonRequest.ReadAsync(http, Read);
        if (reset is not null && !await http.RequestServices.GetRequiredService<PasswordReset>().SetAsync(http, reset.Token, reset.Password))
        {
            refusal = Unusable;
        }

        await (refusal is null ? ApiResponse.AcknowledgeAsync(http) : Errors.WriteAsync(http, refusal));
    }

    private static ResetRequest Read(JsonBody body)
    {
        var reset = new ResetRequest(
            body.RequiredText("token", 1, 100), body.RequiredText("newPassword", Passwords.MinChars, Passwords.MaxChars));
        if (body.Problems.Count == 0 && Passwords.Problem(reset.Password) is { } problem)
        {
            body.Refuse("newPassword", problem);
        }

        return reset;
    }

    private sealed record ResetRequest(string Token, string Password);
}
