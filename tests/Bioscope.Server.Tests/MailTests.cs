using System.Net;
using System.Net.Http.Json;
using Bioscope.Server.Accounts;
using Bioscope.Server.Mail;
using Bioscope.Server.Translations;
using Microsoft.Extensions.DependencyInjection;

namespace Bioscope.Server.Tests;

/// <summary>Mail goes out once, whatever happens, and to a real mail server.</summary>
public sealed class MailTests
{
    [Theory, Engines]
    public async Task A_mail_has_text_and_html_and_says_that_a_program_sends_it(EngineKind engine)
    {
        await using var smtp = SmtpHost.Start();
        await using var app = await TestApp.StartAsync(engine, smtp.Settings);
        await app.AddCreatorAsync("anna@example.com", "correct horse battery");

        await ForgotAsync(app, "Anna@Example.com ");

        var mail = await smtp.NextAsync(1);
        Assert.Equal("\"Bioscope\" <stats@links.example>", mail.From.ToString());
        Assert.Equal("anna@example.com", mail.To.ToString());
        Assert.Equal("Choose a new password", mail.Subject);
        Assert.Equal("auto-generated", mail.Headers["Auto-Submitted"]);
        Assert.EndsWith("@links.example", mail.MessageId, StringComparison.Ordinal);
        Assert.Contains(SmtpHost.PathIn(mail, "/dashboard/reset/"), mail.HtmlBody, StringComparison.Ordinal);
        Assert.Contains("prefers-color-scheme:dark", mail.HtmlBody, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("de-CH, en", "de", "ltr", "Wähle ein neues Passwort", "Jemand, wahrscheinlich du, hat auf https://links.example")]
    [InlineData("ar-EG", "ar", "rtl", "\u200Fاختيار كلمة مرور جديدة", "\u200Fطلب شخص ما، على الأرجح أنت، كلمة مرور جديدة على https://links.example.")]
    public async Task A_link_comes_in_the_language_of_the_request(string header, string tag, string direction, string subject, string text)
    {
        await using var smtp = SmtpHost.Start();
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite, smtp.Settings);
        await app.AddCreatorAsync("anna@example.com", "correct horse battery");
        app.Http.DefaultRequestHeaders.AcceptLanguage.ParseAdd(header);

        await ForgotAsync(app, "anna@example.com");

        var mail = await smtp.NextAsync(1);
        Assert.Equal(subject, mail.Subject);
        Assert.StartsWith(text, mail.TextBody, StringComparison.Ordinal);
        Assert.Contains($"""<html lang="{tag}" dir="{direction}">""", mail.HtmlBody, StringComparison.Ordinal);
        Assert.DoesNotContain("The link", mail.HtmlBody, StringComparison.Ordinal);
        SmtpHost.PathIn(mail, "/dashboard/reset/");
    }

    [Theory, Engines]
    public async Task While_the_mail_server_is_away_mail_waits(EngineKind engine)
    {
        var port = PostgresCluster.FreePort();
        await using var app = await TestApp.StartAsync(
            engine, ("Mail:Server", $"127.0.0.1:{port}"), ("Mail:From", "stats@links.example"), ("PublicUrl", "https://links.example"));
        await app.AddCreatorAsync("anna@example.com", "correct horse battery");
        await ForgotAsync(app, "anna@example.com");
        await Patience.UntilAsync(async () => (await ProblemsAsync(app)).Any(problem => problem.Contains("nothing listens there", StringComparison.Ordinal)));

        await using var smtp = SmtpHost.Start(port);
        await AdvanceUntilTriedAsync(app, 2);
        await smtp.NextAsync(1);
        await Patience.UntilAsync(async () => await OutcomesAsync(app) is ["sent"]);
    }

    [Theory, Engines]
    public async Task A_busy_server_is_asked_again_and_a_refusal_is_final(EngineKind engine)
    {
        await using var smtp = SmtpHost.Start();
        smtp.IsBusy = true;
        await using var app = await TestApp.StartAsync(engine, smtp.Settings);
        await app.AddCreatorAsync("anna@example.com", "correct horse battery");
        await app.AddCreatorAsync("gone@example.com", "correct horse battery");
        smtp.Unknown["gone@example.com"] = true;

        await ForgotAsync(app, "anna@example.com");
        await Patience.UntilAsync(async () => (await ProblemsAsync(app)).Any(problem => problem.Contains("450", StringComparison.Ordinal)));
        smtp.IsBusy = false;
        await ForgotAsync(app, "gone@example.com");
        await AdvanceUntilTriedAsync(app, 2);
        await smtp.NextAsync(1);

        await Patience.UntilAsync(async () => (await OutcomesAsync(app)).Order().SequenceEqual(["refused", "sent"]));
    }

    [Theory, Engines]
    public async Task A_mail_that_cannot_be_sent_while_it_is_of_use_is_never_sent(EngineKind engine)
    {
        await using var smtp = SmtpHost.Start();
        smtp.IsBusy = true;
        await using var app = await TestApp.StartAsync(engine, smtp.Settings);
        await app.AddCreatorAsync("anna@example.com", "correct horse battery");
        await ForgotAsync(app, "anna@example.com");
        await Patience.UntilAsync(async () => (await ProblemsAsync(app)).Count == 1);

        app.Clock.Advance(MailedLinks.Life);
        smtp.IsBusy = false;
        await Patience.UntilAsync(async () =>
        {
            app.Clock.Advance(TimeSpan.FromSeconds(10));
            return await OutcomesAsync(app) is ["expired"];
        });

        Assert.Empty(smtp.Accepted);
    }

    [Theory, Engines]
    public async Task Instances_that_share_an_outbox_send_each_mail_once(EngineKind engine)
    {
        await using var smtp = SmtpHost.Start();
        using var databases = await TestDatabases.CreateAsync(engine);
        await using var one = await TestApp.StartAsync(databases, smtp.Settings);
        await using var two = await TestApp.StartAsync(databases, smtp.Settings);
        var emails = Enumerable.Range(0, 20).Select(i => $"creator{i}@example.com").ToList();
        foreach (var email in emails)
        {
            await one.AddCreatorAsync(email, "correct horse battery");
        }

        // Both instances write the same message, as their clocks do for a weekly report.
        await Task.WhenAll(emails.SelectMany(email => new[] { one, two }.Select(
            app => app.Services.GetRequiredService<PasswordReset>().AskAsync(email, Words.Default, TestContext.Current.CancellationToken))));
        // No time passes: whoever takes longer than its lease to send a mail leaves it to the other.
        await Patience.UntilAsync(async () => (await OutcomesAsync(one)).Count(outcome => outcome == "sent") == emails.Count);

        Assert.Equal(emails.Order(), smtp.Accepted.Select(mail => mail.To.ToString()).Order());
    }

    [Theory, Engines]
    public async Task A_message_that_somebody_took_is_nobody_elses_for_three_minutes(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var outbox = app.Services.GetRequiredService<Outbox>();
        Assert.Equal(1, await outbox.AddAsync([outbox.New("test", "kind", "key", "{}", TimeSpan.FromHours(1))], Cancelled));
        Assert.Equal(0, await outbox.AddAsync([outbox.New("test", "kind", "key", "{}", TimeSpan.FromHours(1))], Cancelled));

        var taken = await outbox.TakeAsync("test", Cancelled);
        Assert.Equal(1, taken!.Attempts);
        Assert.Null(await outbox.TakeAsync("test", Cancelled));
        app.Clock.Advance(Outbox.Lease);
        Assert.Equal(2, (await outbox.TakeAsync("test", Cancelled))!.Attempts); // as after kill -9
        await outbox.DoneAsync(taken, OutboxOutcome.Sent, null, Cancelled);
        app.Clock.Advance(Outbox.Lease);
        Assert.Null(await outbox.TakeAsync("test", Cancelled));
        Assert.Equal(0, await outbox.AddAsync([outbox.New("test", "kind", "key", "{}", TimeSpan.FromHours(1))], Cancelled));
    }

    [Fact]
    public async Task Mail_settings_that_do_not_fit_are_refused_with_what_to_do()
    {
        using var cli = new Cli();
        var answer = await cli.RunAsync(["doctor", "--Mail:Server", "smtp.example:99999", "--Mail:User", "anna"]);

        Assert.Equal(1, answer.ExitCode);
        Assert.Contains("Mail:Server: 'smtp.example:99999' is not a host", answer.Error, StringComparison.Ordinal);
        Assert.Contains("Mail:From: it must be the address that sends mails", answer.Error, StringComparison.Ordinal);
        Assert.Contains("Mail:User and Mail:Password: set both, or none", answer.Error, StringComparison.Ordinal);
        Assert.Contains("PublicUrl: it must be set when Mail:Server is set", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mail_test_sends_one_and_says_what_fails()
    {
        await using var smtp = SmtpHost.Start();
        smtp.Unknown["gone@example.com"] = true;
        using var cli = new Cli();
        string[] settings = [.. smtp.Settings.SelectMany(setting => new[] { "--" + setting.Key, setting.Value })];

        var sent = await cli.RunAsync([.. settings, "mail", "test", "anna@example.com"]);
        Assert.Equal(0, sent.ExitCode);
        Assert.Contains("The server accepted a mail to anna@example.com", sent.Output, StringComparison.Ordinal);
        Assert.Equal("Bioscope can send mail", (await smtp.NextAsync(1)).Subject);

        var refused = await cli.RunAsync([.. settings, "mail", "test", "gone@example.com"]);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("gone@example.com: 550", refused.Error, StringComparison.Ordinal);

        var unset = await cli.RunAsync(["mail", "test", "anna@example.com"]);
        Assert.Equal(1, unset.ExitCode);
        Assert.Contains("Mail:Server is not set", unset.Error, StringComparison.Ordinal);
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private static async Task ForgotAsync(TestApp app, string email)
    {
        using var answer = await app.PostAuthAsync("password/forgot", JsonContent.Create(new { email }));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    /// <summary>Lets time pass until a mail was tried so often, and no longer: it would be of no use any more before the server has it.</summary>
    private static Task AdvanceUntilTriedAsync(TestApp app, int attempts) => Patience.UntilAsync(async () =>
    {
        app.Clock.Advance(TimeSpan.FromSeconds(10));
        return (await app.Main.QueryAsync("""SELECT "attempts" FROM "Outbox" """, row => row.GetInt32(0), Cancelled)).Contains(attempts);
    });

    private static Task<List<string>> OutcomesAsync(TestApp app) => app.Main.QueryAsync(
        """SELECT COALESCE("outcome", 'waiting') FROM "Outbox" """, row => row.GetString(0), TestContext.Current.CancellationToken);

    private static Task<List<string>> ProblemsAsync(TestApp app) => app.Main.QueryAsync(
        """SELECT "problem" FROM "Outbox" WHERE "problem" IS NOT NULL""", row => row.GetString(0), TestContext.Current.CancellationToken);
}
