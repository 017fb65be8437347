using CsCheck;
using Xunit;

namespace Bioscope.Core.Tests.UserAgents;

public class UserAgentBotTests
{
    private const string Phone =
        "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36";

    /// <summary>Examples in the list that are people, verbatim, with the reason.</summary>
    private static readonly Dictionary<string, string> PeopleInTheList = new()
    {
        ["Mozilla/5.0 (Linux; Android 15; CPH2557 Build/AP3A.240617.008; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 "
            + "Chrome/142.0.7444.142 Mobile Safari/537.36 Instagram 406.0.0.58.159 Android (35/15; 480dpi; 1080x2400; OPPO; CPH2557; "
            + "OP573DL1; mt6833; en_MY; 822918295; IABMV/1) NV/1"] = "Instagram on an OPPO phone; the listed word is its system's build",
        ["Mozilla/5.0 (Linux; Android 16; Pixel 10 Pro XL Build/CP1A.260305.018; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 "
            + "Chrome/146.0.7680.174 Mobile Safari/537.36 MetaIAB Facebook"] = "Facebook's in-app browser on a Pixel",
    };

    [Theory]
    [InlineData("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)")]
    [InlineData("facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)")]
    [InlineData("WhatsApp/2.23.20.0 A")]
    [InlineData("TelegramBot (like TwitterBot)")]
    [InlineData("curl/8.9.1")]
    [InlineData("Wget/1.24.5")]
    [InlineData("sentry/24.1 (https://sentry.io)")]
    [InlineData("Mozilla/5.0 sentry/24.1")]
    [InlineData("Qualys SSL Labs")]
    [InlineData("Current 2.1 is an RSS Reader")]
    public void A_crawler_that_names_itself_is_a_bot(string userAgent) => Assert.True(UserAgent.IsBot(userAgent));

    [Theory]
    [InlineData("Mozilla/5.0 (compatible; SomeUnknownBot/1.0; +http://x.example/about)")]
    [InlineData("mozilla/5.0 (compatible; googlebot/2.1)")]
    [InlineData("bot")]
    [InlineData("SomeCrawler")]
    [InlineData("some-spider")]
    [InlineData("my-SPIDER (new)")]
    [InlineData("cubot bot")]
    [InlineData("Java/17.0.1")]
    [InlineData("PostmanRuntime/7.36.0")]
    [InlineData("node")]
    public void An_unlisted_crawler_is_a_bot_by_its_name(string userAgent) => Assert.True(UserAgent.IsBot(userAgent));

    [Theory]
    [InlineData("Mozilla/5.0 (Linux; Android 12; CUBOT P50) AppleWebKit/537.36 Chrome/126.0.0.0 Mobile Safari/537.36")]
    [InlineData("Mozilla/5.0 (Linux; Android 12; Cubot X30) AppleWebKit/537.36 Chrome/126.0.0.0 Mobile Safari/537.36")]
    [InlineData("Mozilla/5.0 (Linux; U; Cubot) Mobile")]
    [InlineData("Android 4.4.2; HTC Butterfly s) Chrome/81.0 Mobile Safari/537.36")] // a phone's model, without anything before
    [InlineData("Mozilla/5.0 (X11; Linux x86_64) Botanic/1.0 Spiderman/2.0 Safari/537.36")]
    public void A_name_containing_a_crawler_word_is_not_a_bot(string userAgent) => Assert.False(UserAgent.IsBot(userAgent));

    [Fact]
    public void Every_published_example_of_a_crawler_is_a_bot()
    {
        Assert.Equal(2_118, UserAgentFiles.Crawlers.Count());
        Assert.DoesNotContain(UserAgentFiles.Crawlers.Except(PeopleInTheList.Keys), text => !UserAgent.IsBot(text));
    }

    [Fact]
    public void Browsers_that_resemble_crawlers_are_not_bots()
    {
        Assert.Empty(PeopleInTheList.Keys.Except(UserAgentFiles.Crawlers));
        Assert.DoesNotContain(PeopleInTheList.Keys, UserAgent.IsBot);
    }

    [Fact]
    public void No_real_browser_is_a_bot()
    {
        Assert.True(UserAgentFiles.People.Count() >= 100);
        Assert.DoesNotContain(UserAgentFiles.People, person => UserAgent.IsBot(person.UserAgent));
    }

    [Fact]
    public void Every_listed_crawler_word_is_found_where_allowed()
    {
        // The one word that is never a crawler's: Facebook's own browser.
        var anywhere = UserAgentFiles.Words("anywhere").Except(["MetaIAB Facebook"]);
        Assert.All(anywhere, word => Assert.True(UserAgent.IsBot($"Mozilla/5.0 (compatible; {word}")));
        Assert.All(UserAgentFiles.Words("start"), word => Assert.True(UserAgent.IsBot($"{word}1.0 (something)")));
        Assert.All(UserAgentFiles.Words("end"), word => Assert.True(UserAgent.IsBot($"Mozilla/5.0 {word}")));
        Assert.All(UserAgentFiles.Words("in order"), words => Assert.True(UserAgent.IsBot(words.Replace("*", " and "))));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void A_missing_user_agent_is_not_a_bot(string? userAgent) => Assert.False(UserAgent.IsBot(userAgent));

    [Theory]
    [InlineData("CURL/8.9.1")] // Case matters.
    [InlineData("Mozilla/5.0 curl")] // A word for the start counts at the start,
    [InlineData("SSL Labs and friends")] // one for the end at the end,
    [InlineData("RSS Reader, Current")] // and two in their order.
    public void A_crawler_word_elsewhere_is_not_a_bot(string userAgent) => Assert.False(UserAgent.IsBot(userAgent));

    [Theory]
    [InlineData(Phone + " (compatible; Sonic/1.0)")]
    [InlineData("Mozilla/5.0 (Linux; Android 4.4.2; ViewSonic V350) Safari/535.19 (compatible; Sonic/1.0)")]
    [InlineData("Mozilla/5.0 (Linux; Android 8.0; Pixel 2 Build/OPD3.170816.012; Storebot-Google/1.0) Mobile Safari/537.36")]
    [InlineData("Mozilla/5.0 (Linux; Android 8.0; Pixel 2; Storebot) Mobile Safari/537.36")]
    [InlineData("Butterfly Mozilla/5.0 (Linux; Android 14; Pixel 8) Mobile Safari/537.36")]
    [InlineData("Mozilla/5.0 (Linux; Android 4.4.2; Butterfly/1.0 without an end")]
    [InlineData("Mozilla/5.0 (Linux; Android 6.0) SogouMSE Sogou web spider/4.0")]
    [InlineData("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Mobile/21F90 [FBAN/FBIOS;FBCR/Fever] axios/1.7")]
    public void A_crawler_that_poses_as_a_phone_is_a_bot(string userAgent) => Assert.True(UserAgent.IsBot(userAgent));

    [Fact]
    public void Only_the_first_1024_characters_are_read()
    {
        Assert.True(UserAgent.IsBot(new string('x', 1_024 - 9) + "Googlebot and more"));
        Assert.False(UserAgent.IsBot(new string('x', 1_024 - 8) + "Googlebot and more"));
    }

    [Fact]
    public void Any_user_agent_gets_an_answer()
    {
        // Half of it noise with lone surrogates, half of it the words that the rules depend on.
        string[] words = ["Android", ")", "[FB", "]", "SogouMSE", "Sogou", "Butterfly", "bot", "MetaIAB Facebook", "iPad", "Puffin/"];
        var word = Gen.Int[0, words.Length - 1].Select(index => words[index]);
        Gen.OneOf(Gen.String[Gen.Char, 0, 40], word).List[0, 60].Select(string.Concat).Sample(text =>
        {
            UserAgent.IsBot(text);
            Assert.Equal(UserAgent.Device(text), UserAgent.Facts(text).Device);
        });
    }

    [Fact]
    public void A_crawlers_name_after_any_phone_model_is_found()
    {
        var model = Gen.String[Gen.Char["abcSonicButterfly ;/.0123"], 0, 30];
        model.Sample(name => UserAgent.IsBot($"Mozilla/5.0 (Linux; Android 9; {name}) Safari/537.36 axios/1.7"));
    }

    [Fact]
    public void Lookups_allocate_nothing()
    {
        Ask();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Ask();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        static void Ask()
        {
            UserAgent.IsBot(Phone);
            UserAgent.IsBot("Mozilla/5.0 (Linux; Android 4.4.2; HTC Butterfly s) Chrome/81.0 Mobile Safari/537.36 [FBAN/FB4A;FBCR/Fever]");
            UserAgent.Device(Phone);
        }
    }
}
