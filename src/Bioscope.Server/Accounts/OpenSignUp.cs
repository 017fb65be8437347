using System.Text.Json.Nodes;
using Bioscope.Engine.Creators;
using Bioscope.Engine.Storage;
using Bioscope.Server.Configuration;
using Bioscope.Server.Mail;
using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Accounts;

/// <summary>
/// <c>POST /api/v1/auth/sign-up/link {email}</c>: sends anybody an invitation to her own address, where <c>Accounts:SignUp</c> is
/// <c>open</c>: so an account has a confirmed address from the start. Who has an account already gets a mail that says so; the answer is
/// the same.
/// </summary>
internal sealed class OpenSignUp(MainDatabase main, Outbox outbox, LoginAttempts attempts, Settings settings, TimeProvider clock) : ILetterKind
{
    public const string Name = "sign-up";

    private const string UserSql = """
        -- user who signs up again
        SELECT 1 FROM "User" WHERE "email" = @email
        """;

    /// <summary>How long the link works: until the next day, for who reads mail in the evening.</summary>
    private static readonly TimeSpan Life = TimeSpan.FromDays(1);

    /// <summary>Why nobody can sign up.</summary>
    public static ApiError Closed { get; } =
        ApiError.Unavailable with { Details = ["accounts are opened by invitation only"] };

    string ILetterKind.Kind => Name;

    public static void Map(IEndpointRouteBuilder auth, Settings settings) =>
        auth.MapPost("sign-up/link", PostAsync).WithMetadata(PasswordReset.ForgotLimit(settings));

    /// <summary>Has a link sent to an address.</summary>
    public Task AskAsync(string email, Words words, CancellationToken cancellationToken) => outbox.AskAsync(
        Name, attempts.AccountOf(email), MailedLinks.Between, new JsonObject { ["email"] = email, ["language"] = words.Tag }, MailedLinks.Life,
        cancellationToken);

    public async Task<Letter?> ComposeAsync(OutboxMessage message, CancellationToken cancellationToken)
    {
        var data = JsonNode.Parse(message.Data)!;
        var (email, words) = ((string)data["email"]!, Words.Named((string?)data["language"]));
        if (await main.QueryAsync(UserSql, _ => true, cancellationToken, ("@email", email)) is not [])
        {
            return Known(words, email);
        }

        // A stranger who types somebody's address again and again fills no mailbox.
        var open = await Invitations.OpenAsync(main, clock.GetUtcNow(), cancellationToken);
        if (!settings.SignUpIsOpen || open.Count(invitation => invitation.Email == email) >= MailedLinks.MaxAtOnce)
        {
            return null;
        }

        var (_, token) = await Invitations.AddAsync(main, email, clock.GetUtcNow(), Life, cancellationToken);
        var (url, texts) = ($"{settings.PublicUrl}/dashboard/join/{token.Text}", new LetterWords(words));
        return new Letter(
            words,
            email,
            texts.JoinSubject,
            $"""
            {texts.JoinHow(settings.PublicUrl!)}
            {url}

            {texts.JoinNotAsked}

            """,
            Html.Of($"""
                {LetterHtml.Title(Html.Of($"{texts.JoinSubject}"))}
                {LetterHtml.Paragraph(Html.Of($"{texts.JoinWhat(settings.PublicUrl!)}"))}
                {LetterHtml.Button(url, texts.JoinButton)}
                {LetterHtml.Note(Html.Of($"{texts.JoinNote}"))}
                """));
    }

    private Letter Known(Words words, string email)
    {
        var (signIn, forgot) = ($"{settings.PublicUrl}/dashboard/sign-in", $"{settings.PublicUrl}/dashboard/forgot");
        var texts = new LetterWords(words);
        var asked = texts.KnownAsked(settings.PublicUrl!);
        return new Letter(
            words,
            email,
            texts.KnownSubject,
            $"""
            {asked}

            {texts.KnownSignIn(signIn)}
            {texts.KnownPassword(forgot)}

            """,
            Html.Of($"""
                {LetterHtml.Title(Html.Of($"{texts.KnownSubject}"))}
                {LetterHtml.Paragraph(Html.Of($"{asked}"))}
                {LetterHtml.Button(signIn, texts.KnownButton)}
                {LetterHtml.Note(texts.KnownForgot(LetterHtml.Link(forgot, texts.KnownChoose)))}
                """));
    }

    private static async Task PostAsync(HttpContext http)
    {
        var (email, refusal) = await JsonRequest.ReadAsync(http, body =>
        {
            var email = CreatorStore.NormalizeEmail(body.RequiredText("email", 1, CreatorStore.MaxEmailChars));
            if (body.Problems.Count == 0 && !EmailRequest.IsAddress(email))
            {
                body.Refuse("email", "must be an e-mail address");
            }

            return email;
        });
        refusal ??= http.RequestServices.GetRequiredService<Settings>().SignUpIsOpen ? null : Closed;
        if (refusal is not null)
        {
            await Errors.WriteAsync(http, refusal);
            return;
        }

        await http.RequestServices.GetRequiredService<OpenSignUp>().AskAsync(email!, Words.Of(http), http.RequestAborted);
        await ApiResponse.AcknowledgeAsync(http);
    }
}
