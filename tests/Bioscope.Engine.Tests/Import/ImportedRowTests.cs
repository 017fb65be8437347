using System.Text;
using Bioscope.Core;
using Bioscope.Engine.Creators;
using Bioscope.Engine.Import;
using Bioscope.Engine.Rows;
using Xunit;

namespace Bioscope.Engine.Tests.Import;

/// <summary>Lines of an import beside sessions, page views and creators, and ids that come from a line's content.</summary>
public sealed class ImportedRowTests
{
    private const string Page = "11111111-1111-4111-8111-111111111111";
    private const string Id = "22222222-2222-4222-8222-222222222222";
    private const string Session = $$"""{"type":"session","bioPageId":"{{Page}}","visitorId":"v","startedAt":"2026-04-01T10:00:00Z" """;

    private static readonly DateTimeOffset Midnight = new(2026, 3, 31, 0, 0, 0, TimeSpan.Zero);

    private readonly ImportLine _line = NewLine();

    [Fact]
    public void A_placement_has_all_that_its_line_says()
    {
        const string Line = $$"""{"type":"placement","id":"{{Id}}","bioPageId":"{{Page}}","slug":"story","source":"Instagram","label":"","createdAt":"2026-03-31T00:00:00Z" """;
        var row = Assert.IsType<PlacementRow>(Read(Line + "}").Row);
        var removed = Assert.IsType<PlacementRow>(Read(Line + ""","removedAt":"2026-03-31T00:00:00Z"}""").Row);

        Assert.Equal(("story", "Instagram", "", Midnight, null), (row.Slug, row.Source, row.Label, row.CreatedAt, row.RemovedAt));
        Assert.Equal((Guid.Parse(Id), Guid.Parse(Page), Midnight), (removed.Id, removed.BioPageId, removed.RemovedAt));
        Assert.Equal(
            "slug must be 1 to 40 letters a-z, digits, '-' or '_'",
            Read(Line.Replace("story", "Story!", StringComparison.Ordinal) + "}").Problem);
        Assert.Equal(
            "source must have 1 to 255 characters", Read(Line.Replace("Instagram", "", StringComparison.Ordinal) + "}").Problem);
    }

    [Fact]
    public void A_site_has_all_that_its_line_says()
    {
        var row = Assert.IsType<SiteRow>(Read(
            $$"""{"type":"site","id":"{{Id}}","bioPageId":"{{Page}}","origin":"https://anna.example","createdAt":"2026-03-31T00:00:00Z"}""").Row);

        Assert.Equal(
            (Guid.Parse(Id), Guid.Parse(Page), "https://anna.example", Midnight), (row.Id, row.BioPageId, row.Origin, row.CreatedAt));
    }

    [Theory]
    [InlineData("bot", "1", null)]
    [InlineData("consent", "1000000000000", null)]
    [InlineData("bot", "0", "count must be a whole number from 1 to 1000000000000")]
    [InlineData("bot", "1000000000001", "count must be a whole number from 1 to 1000000000000")]
    [InlineData("Bot", "1", "reason must be one that this version counts")]
    [InlineData("weather", "1", "reason must be one that this version counts")]
    public void A_drop_is_of_a_day_and_of_a_known_reason(string reason, string count, string? problem)
    {
        var (row, refusal) = Read(
            $$"""{"type":"drop","bioPageId":"{{Page}}","day":"2026-04-01T01:30:00+02:00","reason":"{{reason}}","count":{{count}}}""");

        Assert.Equal(problem, refusal);
        Assert.True(problem is not null || row is PageDrop drop && (drop.Day, drop.Reason, $"{drop.Count}") == (Midnight, reason, count));
    }

    [Fact]
    public void Sums_of_a_day_are_there_or_not_known()
    {
        const string Line = $$"""{"type":"importedDay","bioPageId":"{{Page}}","day":"2026-03-31T23:00:00Z","tool":"ga4" """;
        var row = Assert.IsType<ImportedDay>(Read(Line + ""","visits":0,"visitors":null,"pageViews":1000000000000}""").Row);

        Assert.Equal(new ImportedDay(Guid.Parse(Page), Midnight, "ga4", 0, null, 1_000_000_000_000), row);
        Assert.Null(Assert.IsType<ImportedDay>(Read(Line + "}").Row).PageViews);
        Assert.Equal("visits must be a whole number from 0 to 1000000000000", Read(Line + ""","visits":-1}""").Problem);
    }

    [Fact]
    public void A_heading_needs_no_address_and_has_none()
    {
        const string Line = $$"""{"type":"link","id":"{{Id}}","bioPageId":"{{Page}}","title":"Shops" """;
        var heading = Assert.IsType<BioLinkRow>(Read(Line + ""","heading":true,"url":"https://a.example","pinned":true}""").Row);

        Assert.Equal(("", true, true), (heading.Url, heading.Heading, heading.Pinned));
        Assert.Equal("url is required", Read(Line + "}").Problem);
        Assert.Equal(
            "url must be a web address that begins with http:// or https://", Read(Line + ""","url":"javascript:alert(1)"}""").Problem);
        Assert.Equal("url must have 1 to 8192 characters", Read(Line + ""","url":""}""").Problem);
    }

    [Fact]
    public void A_link_may_be_shown_for_some_time_only()
    {
        var row = Assert.IsType<BioLinkRow>(Read(
            $$"""{"type":"link","id":"{{Id}}","bioPageId":"{{Page}}","title":"","url":"https://a.example","startsAt":"2026-03-31T00:00:00Z","endsAt":"2030-01-01T00:00:00Z"}""").Row);

        // An end may be to come.
        Assert.Equal((Midnight, new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero)), (row.StartsAt, row.EndsAt));
    }

    [Fact]
    public void A_stored_hash_is_taken_as_it_is()
    {
        var hash = new string('a', VisitorHash.Chars);
        var line = Session.Replace("\"visitorId\":\"v\"", $"\"visitorHash\":\"{hash}\"", StringComparison.Ordinal);
        var stored = Assert.IsType<SessionRow>(Read(line + ""","referrer":"https://a.example"}""").Row);

        Assert.Equal((hash, null), (stored.VisitorId, stored.ReferrerDomain)); // nothing of it is decided again
        Assert.All([hash.ToUpperInvariant(), hash[1..], hash + "a", ""], wrong => Assert.Equal(
            "visitorHash must be 64 hexadecimal digits in lower case", Read($$"""{{Session}},"visitorHash":"{{wrong}}"}""").Problem));
    }

    [Fact]
    public void A_page_view_scrolls_by_percent()
    {
        const string Line = $$"""{"type":"pageview","bioPageId":"{{Page}}","sessionId":"{{Id}}","enteredAt":"2026-04-01T10:00:00Z" """;

        Assert.Equal(100, Assert.IsType<PageViewRow>(Read(Line + ""","scrollDepth":100}""").Row).ScrollDepth);
        Assert.Equal("scrollDepth must be a whole number from 0 to 100", Read(Line + ""","scrollDepth":101}""").Problem);
        Assert.Equal(2_048, Assert.IsType<PageViewRow>(Read($"{Line},\"path\":\"/{new string('a', 3_000)}\"}}").Row).Path!.Length);
    }

    // Importing a file again adds nothing, and two visits that look the same are two.
    [Fact]
    public void The_same_file_gives_the_same_ids_and_equal_lines_each_another()
    {
        string[] lines = [Session + "}", Session + "}", Session + ""","city":"Berlin"}""", Session + "}"];
        var first = lines.Select(line => ((SessionRow)Read(line).Row!).Id).ToList();
        var again = NewLine();

        Assert.Equal(4, first.Distinct().Count());
        Assert.Equal(first, lines.Select(line => ((SessionRow)again.Read(Encoding.UTF8.GetBytes(line)).Row!).Id));
        Assert.Equal(first[2], ((SessionRow)NewLine().Read(Encoding.UTF8.GetBytes(lines[2])).Row!).Id); // whatever comes before
    }

    // Files of earlier versions have been imported: other ids would import their rows a second time.
    [Fact]
    public void The_ids_of_known_content_stay()
    {
        var session = (SessionRow)Read(Session + "}").Row!;

        Assert.Equal(
            Uuid.Named(
                $"AnalyticsSession\0bioPageId={Page}\0id={Guid.Empty}\0visitorId={session.VisitorId}\0startedAt=1775037600000\0lastActivityAt=1775037600000"
                    + "\0duration=0\0pageViews=0\0bounced=True"),
            session.Id);
    }

    private (object? Row, string? Problem) Read(string line) => _line.Read(Encoding.UTF8.GetBytes(line));

    private static ImportLine NewLine() => new("secret"u8.ToArray(), new PasswordRule(72, _ => null, _ => ""), new Clock());

    private sealed class Clock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => Midnight.AddHours(36);
    }
}
