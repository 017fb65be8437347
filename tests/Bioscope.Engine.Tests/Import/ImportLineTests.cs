using System.Text;
using Bioscope.Core;
using Bioscope.Engine.Creators;
using Bioscope.Engine.Import;
using Bioscope.Engine.Rows;
using Xunit;

namespace Bioscope.Engine.Tests.Import;

public sealed class ImportLineTests
{
    private const string Page = "11111111-1111-4111-8111-111111111111";
    private const string Id = "22222222-2222-4222-8222-222222222222";
    private const string Session = $$"""{"type":"session","id":"{{Id}}","bioPageId":"{{Page}}","visitorId":"v","startedAt":"2026-04-01T10:00:00Z" """;
    private const string PageView = $$"""{"type":"pageview","id":"{{Id}}","bioPageId":"{{Page}}","sessionId":"{{Page}}","enteredAt":"2026-04-01T10:00:00Z" """;

    private static readonly DateTimeOffset Now = new(2026, 4, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly ImportLine Line = new(
        "secret"u8.ToArray(), new PasswordRule(72, password => password == "password" ? "is one of the most common ones" : null,
            password => $"hash of {password}"), new Clock());

    [Fact]
    public void A_session_has_all_that_its_line_says()
    {
        var row = Assert.IsType<SessionRow>(Read(Session + """
            ,"referrer":"https://www.blog.example/a?b=c","country":"Germany","countryCode":"DE","region":"BE","city":"Berlin","language":"de","device":"mobile",
            "browser":"Safari","os":"iOS","utmSource":"s","utmMedium":"m","utmCampaign":"c","utmTerm":"t","utmContent":"o","clickId":"gclid","app":"Instagram",
            "ref":"r","requestedWith":"com.instagram.android","placement":"AAAAAAAA-0000-4000-8000-000000000001","page":"/blog","duration":30,"pageViews":3}
            """).Row);

        Assert.Equal((Guid.Parse(Page), Guid.Parse(Id), new DateTimeOffset(2026, 4, 1, 10, 0, 0, TimeSpan.Zero)),
            (row.BioPageId, row.Id, row.StartedAt));
        Assert.Equal(VisitorHash.Of("secret"u8, "v"), row.VisitorId);
        Assert.Equal(("https://www.blog.example/a?b=c", "blog.example"), (row.Referrer, row.ReferrerDomain));
        Assert.Equal(("Germany", "DE", "BE", "Berlin", "de"), (row.Country, row.CountryCode, row.Region, row.City, row.Language));
        Assert.Equal(("mobile", "Safari", "iOS", "Instagram"), (row.Device, row.Browser, row.Os, row.InAppBrowser));
        Assert.Equal(new Attribution("s", "m", "c", "t", "o", "gclid") { Ref = "r" }, row.Attribution);
        Assert.Equal(
            ("com.instagram.android", "aaaaaaaa-0000-4000-8000-000000000001", "/blog"), (row.RequestedWith, row.Placement, row.Page));
        Assert.Equal((30, 3), (row.Duration, row.PageViews));
    }

    [Fact]
    public void A_session_needs_page_visitor_and_time_only()
    {
        var row = Assert.IsType<SessionRow>(Read(Session.Replace($"\"id\":\"{Id}\",", "", StringComparison.Ordinal) + "}").Row);

        Assert.Equal(8, row.Id.Version); // from the content
        Assert.Equal((0, 0, null as string, null as string), (row.Duration, row.PageViews, row.Referrer, row.ReferrerDomain));
        Assert.Equal(
            "bioPageId is required; visitorId is required; startedAt is required", Read("""{"type":"session"}""").Problem);
    }

    [Fact]
    public void A_referrer_domain_of_its_own_wins_over_the_referrers()
    {
        var row = Assert.IsType<SessionRow>(Read(Session + ""","referrer":"https://blog.example","referrerDomain":"other.example"}""").Row);

        Assert.Equal("other.example", row.ReferrerDomain);
    }

    [Theory]
    [InlineData("\"duration\":2678400", null)]
    [InlineData("\"duration\":2678401", "duration must be a whole number from 0 to 2678400")]
    [InlineData("\"pageViews\":1000000", null)]
    [InlineData("\"pageViews\":1000001", "pageViews must be a whole number from 0 to 1000000")]
    [InlineData("\"pageViews\":-1", "pageViews must be a whole number from 0 to 1000000")]
    [InlineData("\"startedAt\":\"2026-04-02T12:00:00Z\"", null)]
    [InlineData("\"startedAt\":\"2026-04-02T12:00:00.001Z\"", "startedAt is more than a day in the future; check the clock of this machine and of the one that wrote the file")]
    [InlineData("\"visitorId\":\"\"", "visitorId must have 1 to 128 characters")]
    public void A_session_is_within_its_bounds(string field, string? problem) =>
        Assert.Equal(problem, Read($"{Session},{field}}}").Problem);

    [Fact]
    public void Texts_that_are_too_long_are_cut_where_that_changes_no_meaning()
    {
        var (row, problem) = Read($"{Session},\"city\":\"{new string('x', 300)}\"}}");
        var domain = Read($"{Session},\"referrerDomain\":\"{new string('x', 256)}\"}}");

        Assert.Null(problem);
        Assert.Equal(255, ((SessionRow)row!).City!.Length);
        Assert.Equal("referrerDomain must have at most 255 characters", domain.Problem);
        Assert.Null(Read($"{Session},\"referrerDomain\":\"{new string('x', 255)}\"}}").Problem);
    }

    [Fact]
    public void A_page_view_has_all_that_its_line_says()
    {
        var row = Assert.IsType<PageViewRow>(Read($"{PageView},\"path\":\"/@anna\",\"linkClicked\":\"{Id}\",\"duration\":5}}").Row);
        var bare = Assert.IsType<PageViewRow>(Read(PageView + "}").Row);

        Assert.Equal((Guid.Parse(Page), Guid.Parse(Id), Guid.Parse(Page)), (row.BioPageId, row.Id, row.SessionId));
        Assert.Equal(("/@anna", Guid.Parse(Id), 5), (row.Path, row.LinkClicked, row.Duration));
        Assert.Equal((null, null, null), (bare.Path, bare.LinkClicked, bare.Duration));
        Assert.Equal("bioPageId is required; sessionId is required; enteredAt is required", Read("""{"type":"pageview"}""").Problem);
    }

    [Fact]
    public void A_link_is_active_and_first_unless_its_line_says_more()
    {
        var line = $$"""{"type":"link","id":"{{Id}}","bioPageId":"{{Page}}","title":"","url":"https://shop.example" """;
        var bare = Assert.IsType<BioLinkRow>(Read(line + "}").Row);
        var full = Assert.IsType<BioLinkRow>(Read(line + ""","position":1000000,"active":false}""").Row);

        Assert.Equal(("", "https://shop.example", 0, true), (bare.Title, bare.Url, bare.Position, bare.Active));
        Assert.Equal((1_000_000, false), (full.Position, full.Active));
        Assert.Equal("position must be a whole number from 0 to 1000000", Read(line + ""","position":1000001}""").Problem);
        Assert.Equal(
            "id is required; bioPageId is required; title is required; url is required", Read("""{"type":"link"}""").Problem);
    }

    [Fact]
    public void A_creators_password_is_checked_now_and_hashed_later()
    {
        var creator = Assert.IsType<NewCreator>(Read($$"""
            {"type":"creator","userId":"{{Id}}","creatorId":"{{Page}}","bioPageId":"{{Page}}","email":"a@b.example","password":"a good one","handle":"anna","title":"Anna","description":"Hi"}
            """).Row);

        Assert.Equal((Guid.Parse(Id), Guid.Parse(Page), Guid.Parse(Page)), (creator.UserId, creator.CreatorId, creator.BioPageId));
        Assert.Equal(("a@b.example", "anna", "Anna", "Hi"), (creator.Email, creator.Handle, creator.Title, creator.Description));
        Assert.Equal("hash of a good one", creator.HashPassword!());
        Assert.Null(Assert.IsType<NewCreator>(Read($$"""{"type":"creator","userId":"{{Id}}"}""").Row).HashPassword);
        Assert.Equal(
            "password is one of the most common ones", Read($$"""{"type":"creator","userId":"{{Id}}","password":"password"}""").Problem);
    }

    [Theory]
    [InlineData("{}", "type is required; type must be creator, link, placement, site, session, pageview, drop or importedDay")]
    [InlineData("""{"type":"visit"}""", "type must be creator, link, placement, site, session, pageview, drop or importedDay")]
    [InlineData("""{"type":"Session"}""", "type must be creator, link, placement, site, session, pageview, drop or importedDay")]
    [InlineData("[]", "the line must be a JSON object")]
    [InlineData("{", "the line is not valid JSON (byte 2)")]
    public void What_is_no_line_of_an_import_is_refused(string line, string problem) => Assert.Equal((null, problem), Read(line));

    [Fact]
    public void The_help_has_the_limits_of_the_code() => Assert.Contains(
        "pageViews 0 to 1000000; duration 0 to 2678400 seconds; ", ImportLine.Limits(new PasswordRule(72, _ => null, _ => "")),
            StringComparison.Ordinal);

    private static (object? Row, string? Problem) Read(string line) => Line.Read(Encoding.UTF8.GetBytes(line));

    private sealed class Clock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => Now;
    }
}
