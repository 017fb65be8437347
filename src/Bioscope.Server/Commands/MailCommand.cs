using System.CommandLine;
using Bioscope.Server.Configuration;
using Bioscope.Server.Mail;
using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Commands;

/// <summary><c>bioscope mail test ADDRESS</c>: sends a mail by the settings, and says what failed and what to do.</summary>
internal static class MailCommand
{
    public static Command Create(IReadOnlyList<Option<string>> settings) =>
        new("mail", "Check that mail can be sent") { CreateTest(settings) };

    private static Command CreateTest(IReadOnlyList<Option<string>> settings)
    {
        var to = new Argument<string>("address") { Description = "Who gets the mail" };
        var command = new Command("test", "Send a mail by the settings Mail:*, and say what fails and how to fix it") { to };
        command.SetAction((parse, cancellationToken) => TestAsync(
            Settings.Load(CommandLine.Given(parse, settings)), parse.GetRequiredValue(to), cancellationToken));
        return command;
    }

    private static async Task<int> TestAsync(Settings settings, string to, CancellationToken cancellationToken)
    {
        if (settings.Mail is not { } server)
        {
            throw new CommandException(
                "Mail:Server is not set, so no mail is sent. Set it, such as Mail__Server=smtp.example:587, with Mail:From and, as a rule, " +
                "Mail:User and Mail:Password.");
        }

        Console.WriteLine(
            $"{server}, {server.Security}, {(server.User is { } user ? $"as {user}" : "without signing in")}, from {server.From}");
        using var mailer = new Mailer(settings, TimeProvider.System);
        var letter = new Letter(
            Words.Default,
            to,
            "Bioscope can send mail",
            $"This is a test. {settings.PublicUrl} can send mail.\n",
            LetterHtml.Paragraph(Html.Of($"This is a test. {LetterHtml.Link(settings.PublicUrl!, settings.PublicUrl!)} can send mail.")));
        try
        {
            await mailer.SendAsync(letter, Guid.NewGuid().ToString("N"), cancellationToken);
        }
        catch (Exception e) when (e is MailServerException or LetterRefusedException)
        {
            throw new CommandException($"Not sent. {(e is LetterRefusedException ? $"{to}: {e.Message}" : e.Message)}.");
        }

        await mailer.CloseAsync();
        Console.WriteLine(
            $"The server accepted a mail to {to}. If it does not arrive, look at what that server logs, and in the spam folder.");
        return 0;
    }
}
