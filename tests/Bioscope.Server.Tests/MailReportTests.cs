using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Bioscope.Engine.Creators;
using Bioscope.Server.Api.Mails;
using Bioscope.Server.Dashboard.Mails;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using MimeKit;
using NodaTime;
using NodaTime.Text;

namespace Bioscope.Server.Tests;

/// <summary>Reports and alerts: what they say, when they come, that each comes once, and that one tap ends them.</summary>
public sealed class MailReportTests
{
    private static readonly DateTimeOffset Monday = new(2026, 4, 20, 0, 0, 0, TimeSpan.Zero);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory, Engines]
    public async Task A_weekly_report_comes_on_Monday_at_eight_in_her_zone_with_the_figures_of_her_week(EngineKind engine)
    {
        await using var smtp = SmtpHost.Start();
        await using var app = await TestApp.StartAsync(engine, smtp.Settings);
        var anna = await SubscribedAsync(app, "anna@example.com", new { weekly = true, monthly = false, spikes = false, drops = false });
        await app.Main.ExecuteAsync("""UPDATE "BioPage" SET "timeZone" = 'America/New_York', "title" = 'Anna & <b>'""", Cancelled);
        var shop = await app.AddLinkAsync(anna, "<script>alert(1)</script>", "https://shop.example/");
        // Local midnight of a Monday is four in the morning in UTC.
        await app.AddSessionsAsync(anna, "instagram.com", 9, Monday.AddDays(-7).AddHours(3)); // the week before
        await app.AddSessionsAsync(anna, "instagram.com", 4, Monday.AddDays(-7).AddHours(4));
        await app.AddSessionsAsync(anna, "youtube.com", 2, Monday.AddHours(3));
        await app.AddSessionsAsync(anna, "youtube.com", 50, Monday.AddHours(4)); // the week after
        await app.AddSessionsAsync(anna, null, 1, Monday.AddDays(-30));
        await app.AddPageViewsAsync(anna, 3, shop.Id, Monday.AddDays(-3));

        await MoveToAsync(app, Monday.AddHours(11.8)); // 7:48 in New York
        Assert.Empty(smtp.Accepted);
        await MoveToAsync(app, Monday.AddHours(12.1));

        var mail = await smtp.NextAsync(1);
        Assert.Equal("Anna & <b>: 6 visits last week", mail.Subject);
        Assert.Contains("6 visits last week, 33% fewer than the week before.", mail.TextBody, StringComparison.Ordinal);
        Assert.Contains("Instagram sent the most.", mail.TextBody, StringComparison.Ordinal);
        Assert.Contains("- Instagram: 4 (▼ 56%)", mail.TextBody, StringComparison.Ordinal);
        Assert.Contains("- YouTube: 2 (new)", mail.TextBody, StringComparison.Ordinal);
        Assert.Contains("Clicks: 3 (new)", mail.TextBody, StringComparison.Ordinal);
        Assert.Contains("- <script>alert(1)</script>: 3 (new)", mail.TextBody, StringComparison.Ordinal);
        Assert.Contains("13 Apr to 19 Apr 2026", mail.TextBody, StringComparison.Ordinal);
        Assert.Contains("/dashboard?from=2026-04-13&until=2026-04-19", mail.TextBody, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", mail.HtmlBody, StringComparison.Ordinal);
        Assert.Contains("&lt;script&gt;alert(1)", mail.HtmlBody, StringComparison.Ordinal);
        Assert.Contains("Anna &amp; &lt;b&gt;", mail.HtmlBody, StringComparison.Ordinal);

        await MoveToAsync(app, Monday.AddDays(7).AddHours(12.1));
        Assert.Contains("50 visits last week", (await smtp.NextAsync(2)).Subject, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("de", "Anna: 3 Besuche letzte Woche", "3 Besuche letzte Woche, 50 % mehr als in der Woche davor.", "Woher sie kamen", "right")]
    [InlineData("ar", "\u200FAnna: 3 زيارات الأسبوع الماضي", "3 زيارات الأسبوع الماضي، أكثر بنسبة", "من أين جاءت الزيارات", "left")]
    public async Task A_report_comes_in_the_language_that_she_chose(string tag, string subject, string headline, string title, string end)
    {
        await using var smtp = SmtpHost.Start();
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite, smtp.Settings);
        var anna = await SubscribedAsync(
            app, "anna@example.com", new { weekly = true, monthly = false, spikes = false, drops = false, language = tag });
        await app.Main.ExecuteAsync("""UPDATE "BioPage" SET "title" = 'Anna'""", Cancelled);
        await app.AddSessionsAsync(anna, "instagram.com", 1, Monday.AddDays(-30));
        await app.AddSessionsAsync(anna, "instagram.com", 2, Monday.AddDays(-8));
        await app.AddSessionsAsync(anna, "instagram.com", 3, Monday.AddDays(-2));

        await MoveToAsync(app, Monday.AddHours(8.5));

        var mail = await smtp.NextAsync(1);
        Assert.Equal(subject, mail.Subject);
        Assert.Contains(headline, mail.TextBody!.Replace('\u00A0', ' '), StringComparison.Ordinal);
        Assert.Contains(title, mail.HtmlBody, StringComparison.Ordinal);
        Assert.Contains($"""<td align="{end}" """, mail.HtmlBody, StringComparison.Ordinal);
        Assert.Contains($"""<html lang="{tag}" dir="{(end == "left" ? "rtl" : "ltr")}">""", mail.HtmlBody, StringComparison.Ordinal);
        Assert.DoesNotContain("last week", mail.HtmlBody + mail.TextBody, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_mails_speak_the_language_of_the_page_unless_she_chooses_another()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var (visit, anna) = await DashboardVisit.StartAsync(app);
        using var browser = visit;
        browser.Http.DefaultRequestHeaders.AcceptLanguage.ParseAdd("de-AT");
        var page = await browser.ReadAsync(MailsPage.Path);
        Assert.Contains("""<option value="de" lang="de" selected>Deutsch""", page, StringComparison.Ordinal);
        (string, string)[] form = [("form", DashboardVisit.FormField(page)), ("weekly", "1"), ("times", "5"), ("minVisits", "7")];

        foreach (var tag in (string[])["de", "ar"])
        {
            using var stored = await browser.PostAsync(MailsPage.Path, [.. form, ("language", tag)]);
            Assert.Equal(HttpStatusCode.SeeOther, stored.StatusCode);
            Assert.Equal(tag, (await ChosenAsync(app, anna)).Language);
        }

        Assert.Contains("""<option value="ar" lang="ar" selected>""", await browser.ReadAsync(MailsPage.Path), StringComparison.Ordinal);
        using var unknown = await browser.PostAsync(MailsPage.Path, [.. form, ("language", "nl")]);
        Assert.Equal(HttpStatusCode.BadRequest, unknown.StatusCode);
        Assert.Contains("wähle eine Sprache aus der Liste", await unknown.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
        using var untouched = await app.Http.SendAsync(
            new HttpRequestMessage(HttpMethod.Put, "/api/v1/creators/mails")
            {
                Content = JsonContent.Create(new { weekly = false, monthly = false, spikes = true, drops = false }),
                Headers = { Authorization = new AuthenticationHeaderValue("Bearer", app.Token(anna)) },
            },
            Cancelled);
        Assert.Equal(MailSubscription.None with { Spikes = true, Language = "ar" }, await ChosenAsync(app, anna));
    }

    [Theory, Engines]
    public async Task Two_instances_and_restarts_send_a_report_once(EngineKind engine)
    {
        await using var smtp = SmtpHost.Start();
        using var databases = await TestDatabases.CreateAsync(engine);
        await using (var one = await TestApp.StartAsync(databases, smtp.Settings))
        {
            await using var two = await TestApp.StartAsync(databases, smtp.Settings);
            var anna = await SubscribedAsync(one, "anna@example.com", new { weekly = true, monthly = true, spikes = false, drops = false });
            await one.AddSessionsAsync(anna, "instagram.com", 3, Monday.AddDays(-2));

            await Task.WhenAll(MoveToAsync(one, Monday.AddHours(8.5)), MoveToAsync(two, Monday.AddHours(8.5)));

            await smtp.NextAsync(1);
        }

        await using var again = await TestApp.StartAsync(databases, smtp.Settings);
        await MoveToAsync(again, Monday.AddDays(1));
        await smtp.NextAsync(1);
    }

    [Theory, Engines]
    public async Task A_monthly_report_is_about_the_month(EngineKind engine)
    {
        await using var smtp = SmtpHost.Start();
        await using var app = await TestApp.StartAsync(engine, smtp.Settings);
        var anna = await SubscribedAsync(app, "anna@example.com", new { weekly = false, monthly = true, spikes = false, drops = false });
        await app.AddSessionsAsync(anna, "instagram.com", 2, new DateTimeOffset(2026, 3, 31, 23, 0, 0, TimeSpan.Zero));
        await app.AddSessionsAsync(anna, "instagram.com", 3, new DateTimeOffset(2026, 4, 1, 0, 0, 0, TimeSpan.Zero));
        await app.AddSessionsAsync(anna, "instagram.com", 4, new DateTimeOffset(2026, 5, 1, 0, 0, 0, TimeSpan.Zero));

        await MoveToAsync(app, new DateTimeOffset(2026, 5, 1, 8, 1, 0, TimeSpan.Zero));

        var mail = await smtp.NextAsync(1);
        Assert.Contains("3 visits last month.", mail.TextBody, StringComparison.Ordinal); // in March the page was new
        Assert.Contains("1 Apr to 30 Apr 2026", mail.TextBody, StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task No_report_comes_about_nothing_to_nobody_and_about_the_time_before_it_was_asked_for(EngineKind engine)
    {
        await using var smtp = SmtpHost.Start();
        await using var app = await TestApp.StartAsync(engine, smtp.Settings);
        var weekly = new { weekly = true, monthly = false, spikes = false, drops = false };
        await SubscribedAsync(app, "empty@example.com", weekly);
        var unconfirmed = await SubscribedAsync(app, "unconfirmed@example.com", weekly);
        await app.AddSessionsAsync(unconfirmed, "instagram.com", 3, Monday.AddDays(-2));
        await app.Main.ExecuteAsync("""UPDATE "User" SET "emailConfirmedAt" = NULL WHERE "email" = 'unconfirmed@example.com'""", Cancelled);
        await MoveToAsync(app, Monday.AddHours(8.5));
        var late = await SubscribedAsync(app, "late@example.com", weekly);
        await app.AddSessionsAsync(late, "instagram.com", 3, Monday.AddDays(-2));

        await MoveToAsync(app, Monday.AddHours(12));

        Assert.Equal(["dropped"], await app.Main.QueryAsync("""SELECT "outcome" FROM "Outbox" """, row => row.GetString(0), Cancelled));
        Assert.Empty(smtp.Accepted);
    }

    [Theory, Engines]
    public async Task One_tap_in_a_mail_program_ends_the_mails(EngineKind engine)
    {
        await using var smtp = SmtpHost.Start();
        await using var app = await TestApp.StartAsync(engine, smtp.Settings);
        var anna = await SubscribedAsync(app, "anna@example.com", new { weekly = true, monthly = true, spikes = true, drops = false });
        var ben = await SubscribedAsync(app, "ben@example.com", new { weekly = true, monthly = false, spikes = false, drops = false });
        await app.AddSessionsAsync(anna, "instagram.com", 3, Monday.AddDays(-2));
        await MoveToAsync(app, Monday.AddHours(8.5));
        var mail = await smtp.NextAsync(1);
        Assert.Equal("List-Unsubscribe=One-Click", mail.Headers[HeaderId.ListUnsubscribePost]);
        var path = mail.Headers[HeaderId.ListUnsubscribe]!.Trim('<', '>')["https://links.example".Length..];

        foreach (var forged in (string[])[path[..^1], path + "A", path.Replace("weekly", "monthly", StringComparison.Ordinal), "/dashboard/unsubscribe/weekly/x"])
        {
            using var refused = await app.Http.PostAsync(forged, null, Cancelled);
            Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);
        }

        using var opened = await app.Http.GetAsync(path, Cancelled); // by a program that checks mail
        Assert.Equal(HttpStatusCode.OK, opened.StatusCode);
        Assert.True((await ChosenAsync(app, anna)).Weekly);
        for (var i = 0; i < 2; i++)
        {
            using var ended = await app.Http.PostAsync(path, new FormUrlEncodedContent([KeyValuePair.Create("List-Unsubscribe", "One-Click")]), Cancelled);
            Assert.Equal(HttpStatusCode.OK, ended.StatusCode);
        }

        Assert.Equal(new MailSubscription(false, true, true, false, 3, 30), await ChosenAsync(app, anna));
        Assert.True((await ChosenAsync(app, ben)).Weekly);
    }

    [Theory, Engines]
    public async Task A_spike_is_told_while_it_lasts_once_a_day(EngineKind engine)
    {
        await using var smtp = SmtpHost.Start();
        await using var app = await TestApp.StartAsync(engine, smtp.Settings);
        var anna = await SubscribedAsync(app, "anna@example.com", new { weekly = false, monthly = false, spikes = true, drops = true });
        var hour = Monday.AddHours(14);
        await FillWeeksAsync(app, anna, hour, 12);
        await MoveToAsync(app, hour.AddMinutes(10));
        await app.AddSessionsAsync(anna, "instagram.com", 35, hour.AddMinutes(9)); // three times 12 are 36
        await MoveToAsync(app, hour.AddMinutes(20));
        Assert.Empty(smtp.Accepted);

        await app.AddSessionsAsync(anna, "youtube.com", 1, hour.AddMinutes(19));
        await MoveToAsync(app, hour.AddMinutes(30));

        var mail = await smtp.NextAsync(1);
        Assert.Equal("Your page: 36 visits since 14:00", mail.Subject);
        Assert.Contains("At this hour 12 are usual.", mail.TextBody, StringComparison.Ordinal);
        Assert.Contains("They come from Instagram (35), YouTube (1).", mail.TextBody, StringComparison.Ordinal);
        Assert.NotNull(mail.Headers[HeaderId.ListUnsubscribe]);

        await app.AddSessionsAsync(anna, "youtube.com", 500, hour.AddHours(2));
        await MoveToAsync(app, hour.AddHours(4));
        await smtp.NextAsync(1);
    }

    [Theory, Engines]
    public async Task Missing_visits_are_told_after_the_hour(EngineKind engine)
    {
        await using var smtp = SmtpHost.Start();
        await using var app = await TestApp.StartAsync(engine, smtp.Settings);
        var anna = await SubscribedAsync(app, "anna@example.com", new { weekly = false, monthly = false, spikes = true, drops = true, times = 4, minVisits = 40 });
        var hour = Monday.AddHours(14);
        await FillWeeksAsync(app, anna, hour, 40);
        await app.AddSessionsAsync(anna, "instagram.com", 10, hour.AddMinutes(1));

        await MoveToAsync(app, hour.AddMinutes(50));
        Assert.Empty(smtp.Accepted);
        await MoveToAsync(app, hour.AddMinutes(70));

        var mail = await smtp.NextAsync(1);
        Assert.Equal("Your page: Only 10 visits from 14:00 to 15:00", mail.Subject);
    }

    [Fact]
    public async Task A_choice_is_checked_and_is_only_hers()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var (visit, anna) = await DashboardVisit.StartAsync(app);
        using var browser = visit;
        var page = await browser.ReadAsync(MailsPage.Path);
        Assert.Contains("This server sends no mail yet", page, StringComparison.Ordinal);
        (string, string)[] form = [("form", DashboardVisit.FormField(page)), ("weekly", "1"), ("drops", "1"), ("times", "5"), ("minVisits", "7")];

        using var stored = await browser.PostAsync(MailsPage.Path, form);
        Assert.Equal(HttpStatusCode.SeeOther, stored.StatusCode);
        Assert.Equal(new MailSubscription(true, false, false, true, 5, 7), await ChosenAsync(app, anna));
        foreach (var wrong in (string[])["1", "101", "-3", "5.5", "", "٣", "9999999999999999999999"])
        {
            using var refused = await browser.PostAsync(MailsPage.Path, [.. form.Where(field => field.Item1 != "times"), ("times", wrong)]);
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
            Assert.Contains("""name="weekly" value="1" checked""", await refused.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
        }

        using var foreign = await browser.PostAsync(MailsPage.Path, [("weekly", "1"), ("times", "5"), ("minVisits", "7")]);
        Assert.Equal(HttpStatusCode.BadRequest, foreign.StatusCode);
        Assert.Equal(new MailSubscription(true, false, false, true, 5, 7), await ChosenAsync(app, anna));
        Assert.Equal(MailSubscription.None, await ChosenAsync(app, await app.AddCreatorAsync("ben@example.com", "correct horse battery")));
    }

    [Theory]
    [InlineData("weekly", "2026-04-20T07:59:59", "Europe/Berlin", "2026-04-06")]
    [InlineData("weekly", "2026-04-20T08:00:00", "Europe/Berlin", "2026-04-13")]
    [InlineData("weekly", "2026-04-26T23:00:00", "Europe/Berlin", "2026-04-13")]
    [InlineData("weekly", "2026-03-30T08:00:00", "Europe/Berlin", "2026-03-23")] // clocks changed on Sunday
    [InlineData("weekly", "2024-12-30T08:00:00", "Pacific/Kiritimati", "2024-12-23")]
    [InlineData("monthly", "2026-05-01T07:59:59", "Asia/Tokyo", "2026-03-01")]
    [InlineData("monthly", "2026-05-01T08:00:00", "Asia/Tokyo", "2026-04-01")]
    [InlineData("monthly", "2026-01-01T08:00:00", "America/Los_Angeles", "2025-12-01")]
    [InlineData("monthly", "2026-03-31T12:00:00", "America/Los_Angeles", "2026-02-01")]
    public void A_period_is_due_at_eight_of_its_zone(string kind, string local, string zone, string first)
    {
        var tz = DateTimeZoneProviders.Tzdb[zone];
        var now = LocalDateTimePattern.GeneralIso.Parse(local).Value.InZoneStrictly(tz).ToInstant();

        var period = ReportPeriod.LastDue(kind, now, tz);

        Assert.Equal(first, LocalDatePattern.Iso.Format(period.First));
        Assert.Equal(period.First.PlusDays(-1), ReportPeriod.Of(kind, period.FirstBefore).Last);
        Assert.True(period.DueAt(tz) <= now);
    }

    [Theory]
    [InlineData(90, 30, null)] // spikes are off below
    [InlineData(36, 12, "spike")]
    [InlineData(35, 12, null)]
    [InlineData(29, 0, null)]
    [InlineData(30, 0, "spike")]
    [InlineData(10, 30, "drop")]
    [InlineData(11, 30, null)]
    [InlineData(0, 29, null)]
    [InlineData(0, 30, "drop")]
    public void What_is_unusual_follows_the_choice(long visits, long usual, string? kind)
    {
        var chosen = MailSubscription.None with { Spikes = usual != 30 || visits < 90, Drops = true };
        var hour = new LocalDateTime(2026, 4, 20, 14, 0);

        Assert.Equal(kind, AlertCheck.Of(chosen, hour, [visits, usual, usual, usual, usual], isOver: true)?.Kind);
        Assert.NotEqual("drop", AlertCheck.Of(chosen, hour, [visits, usual, usual, usual, usual], isOver: false)?.Kind);
    }

    private static async Task FillWeeksAsync(TestApp app, Creator creator, DateTimeOffset hour, int visits)
    {
        for (var week = 1; week <= 4; week++)
        {
            await app.AddSessionsAsync(creator, "instagram.com", visits, hour.AddDays(-7 * week).AddMinutes(30));
        }
    }

    private static async Task<Creator> SubscribedAsync(TestApp app, string email, object chosen)
    {
        var creator = await app.AddCreatorAsync(email, "correct horse battery");
        using var request = new HttpRequestMessage(HttpMethod.Put, "/api/v1/creators/mails") { Content = JsonContent.Create(chosen) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", app.Token(creator));
        using var answer = await app.Http.SendAsync(request, Cancelled);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return creator;
    }

    private static async Task<MailSubscription> ChosenAsync(TestApp app, Creator creator)
    {
        var data = await app.ReadAsync(creator, "/api/v1/creators/mails");
        return JsonSerializer.Deserialize<MailSubscription>(data.ToJsonString(), JsonSerializerOptions.Web)!;
    }

    /// <summary>Moves the clock, looks for what is due then, and waits until it was sent; no time passes meanwhile, however long it takes.</summary>
    private static async Task MoveToAsync(TestApp app, DateTimeOffset time)
    {
        app.Clock.Advance(time - app.Clock.GetUtcNow());
        await app.Services.GetServices<IHostedService>().OfType<MailScheduler>().Single().LookAsync(Cancelled);
        await Patience.UntilAsync(async () => await app.Main.QueryAsync(
            """SELECT 1 FROM "Outbox" WHERE "doneAt" IS NULL""", row => row.GetInt32(0), Cancelled) is []);
    }
}
