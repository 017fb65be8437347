using CsCheck;
using Xunit;

namespace Bioscope.Core.Tests.UserAgents;

public class UserAgentFactsTests
{
    [Fact]
    public void Every_real_browser_has_its_name_and_version()
    {
        Assert.True(UserAgentFiles.People.Count() >= 170);
        Assert.Empty(
            from person in UserAgentFiles.People
            let told = UserAgent.Facts(person.UserAgent)
            where told != person.Facts
            select $"{told}: {person.UserAgent}");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("Mozilla/5.0 (compatible; Something/1.0)")]
    public void An_unknown_user_agent_gives_no_facts(string? userAgent) => Assert.Equal(default, UserAgent.Facts(userAgent));

    [Theory]
    [InlineData("(iPhone; CPU iPhone OS 17_5 like Mac OS X)", "17.5")]
    [InlineData("(iPhone; CPU iPhone OS 18_7 like Mac OS X) Version/18.7 Mobile/15E148 Safari/604.1", "18.7")]
    [InlineData("(iPhone; CPU iPhone OS 18_7_1 like Mac OS X) Mobile/15E148", null)] // An app on iOS 18.7 or 26.
    [InlineData("(iPhone; CPU iPhone OS 18_70 like Mac OS X)", "18.70")]
    [InlineData("(iPhone; CPU like Mac OS X; en)", null)]
    [InlineData("(Macintosh; Intel Mac OS X 10_15_7) Mobile/15E148 [FBAN/FBIOS;FBSV/18.1;FBSS/2]", "18.1")]
    [InlineData("(Macintosh; Intel Mac OS X 10_16)", null)]
    [InlineData("(Macintosh; Intel Mac OS X 10_15_7)", null)]
    [InlineData("(iPhone; CPU iPhone OS 18_6 like Mac OS X) [FBSV/26.1]", "26.1")]
    [InlineData("(iPhone; CPU iPhone OS 18_7 like Mac OS X) Instagram (iPhone; iOS 26_0_1)", "26.0.1")]
    [InlineData("(iPad; CPU OS 18_7 like Mac OS X) X (iPad; iPadOS 26_2; x)", "26.2")]
    [InlineData("(iPhone; CPU iPhone OS 18_5 like Mac OS X) Version/26.0 Safari/1", "18.5")]
    // What an app says of the system goes before Safari's version.
    [InlineData("(iPhone; CPU iPhone OS 18_6 like Mac OS X) Version/26.0 Safari/1 [FBSV/26.1]", "26.1")]
    [InlineData("(iPhone; CPU iPhone OS 18_7 like Mac OS X) Version/26.0 Instagram (iPhone; iOS 26_0_1)", "26.0.1")]
    [InlineData("(iPad; CPU OS 18_7 like Mac OS X) Version/26.0 X (iPad; iPadOS 26_2; x)", "26.2")]
    [InlineData("(Macintosh; Intel Mac OS X 11_2_3)", "11.2.3")]
    [InlineData("(Linux; Android 10; K; wv)", null)]
    [InlineData("(Linux; Android 10; KOB-W09)", "10")]
    [InlineData("(Linux; Android 10; Kindle)", "10")]
    [InlineData("(Linux; Android )", null)]
    [InlineData("(Linux; Android _.)", null)]
    [InlineData("(Linux; Android 4.4/KRT16M)", "4.4")]
    [InlineData("(Linux; Android 1234567890.1234567890)", null)]
    [InlineData("(Linux; Android 1234567890.123456789)", "1234567890.123456789")] // of 20 characters, the most
    [InlineData("(Linux; Android 10; K) Firefox/1", null)]
    [InlineData("(Linux; Android (34/14; 420dpi))", "14")] // as apps write it: SDK and version
    [InlineData("(Linux; Android (123/14))", "14")]
    [InlineData("(Linux; Android (1234/14))", null)]
    [InlineData("Android (", null)]
    [InlineData("Silk/1 ", null)]
    [InlineData("(Windows NT 10.0; Win64)", "10")]
    [InlineData("(Windows NT 4.0)", null)]
    [InlineData("(X11; CrOS x86_64 14541.0.0)", null)]
    public void A_version_is_given_where_it_is_reliable(string system, string? version) =>
        Assert.Equal(version, UserAgent.Facts("Mozilla/5.0 " + system).OsVersion);

    [Theory]
    [InlineData("Android 14", "14")]
    [InlineData("Windows NT 10.0", "10")]
    [InlineData("Silk", null)]
    [InlineData("Silk/", null)]
    [InlineData("KAIOS/3.1", "3.1")]
    public void A_system_and_its_version_may_be_all_that_is_sent(string userAgent, string? version) =>
        Assert.Equal(version, UserAgent.Facts(userAgent).OsVersion);

    [Theory]
    [InlineData("Line/13.1", "LINE")]
    [InlineData("(Line/13.1)", "LINE")]
    [InlineData("Offline/13.1", null)]
    [InlineData("9Line/13.1", null)]
    [InlineData("DiscordiOS", "Discord")]
    [InlineData("Discordbot/2.0", null)]
    public void An_apps_name_is_a_word_of_its_own(string added, string? app) =>
        Assert.Equal(app, UserAgent.Facts("Mozilla/5.0 " + added).InAppBrowser);

    [Fact]
    public void An_in_app_browser_has_the_apps_name()
    {
        var inApps = UserAgentFiles.People.Where(person => person.Facts.InAppBrowser is not null).ToList();
        Assert.True(inApps.Select(person => person.Facts.InAppBrowser).Distinct().Count() >= 20);
        Assert.All(inApps, person => Assert.Equal(person.Facts.InAppBrowser, person.Facts.Browser));
    }

    [Fact]
    public void Only_the_first_1024_characters_are_read()
    {
        Assert.Equal("Instagram", UserAgent.Facts(new string(' ', 1_024 - 9) + "Instagram").InAppBrowser);
        Assert.Null(UserAgent.Facts(new string(' ', 1_024 - 8) + "Instagram").InAppBrowser);
    }

    [Fact]
    public void Any_versions_found_are_digits_and_dots()
    {
        string[] words =
        [
            "Mozilla/5.0 ", "Android ", "10; K)", "(", "34/", "iPhone", " OS ", "18_7", "FBSV/", "; iOS ", "Version/", "Safari/",
            "Macintosh", "Mobile/",
            "Mac OS X ", "10_15", "Windows NT ", "10.0", "Puffin/", "AP", " ", "_", ".", "9", "Tizen ", "\uD800", "\0",
        ];
        var word = Gen.Int[0, words.Length - 1].Select(index => words[index]);
        Gen.OneOf(word, word, Gen.String[Gen.Char, 0, 4]).List[0, 30].Select(string.Concat).Sample(text =>
        {
            var facts = UserAgent.Facts(text);
            if (facts.OsVersion is { } version)
            {
                Assert.Matches(@"^([0-9][0-9.]{0,18}[0-9]|[0-9]|Vista|XP)$", version);
                Assert.NotNull(facts.Os);
            }
        }, iter: 20_000);
    }
}
