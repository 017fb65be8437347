using System.Buffers.Text;
using System.Text;
using Bioscope.Server.Accounts;
using Bioscope.Server.Api.Sharing;
using Bioscope.Server.Api.Webhooks;
using Bioscope.Server.Configuration;
using Bioscope.Server.Dashboard;
using Bioscope.Server.Dashboard.Mails;
using Bioscope.Server.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Bioscope.Server.Tests;

/// <summary>
/// Texts that carry a right by a secret of the installation: what opens them, and that no other text, user, purpose, time or installation
/// does.
/// </summary>
public sealed class SecretLinkTests
{
    private static readonly Settings Here = With(TestDatabases.JwtSecret), Elsewhere = With(new string('x', 64));

    /// <summary>Texts that are no token of any kind.</summary>
    public static TheoryData<string> Garbage =>
    [
        "", "x", "!", "%", " ", "\0", "é", new string('!', 43), new string('A', 42), new string('A', 43), new string('A', 64), new string('é', 64),
        new string('=', 64), new string('!', 64), new string('A', 80), new string(' ', 80), new string('A', 10_000),
    ];

    [Theory, MemberData(nameof(Garbage))]
    public void Garbage_opens_nothing_and_throws_nothing(string text)
    {
        Assert.Null(new SharedLinks(Here).ViewOf(text));
        Assert.Null(new UnsubscribeLinks(Here).Read(ReportPeriod.Weekly, text));
        Assert.Null(new SignInTicket(Here, new TestClock(TestApp.Start)).Open(text));
        Assert.Null(SecondFactorCode.Parse(text));
        Assert.Null(KeyText.Read("Bearer " + text));
        Assert.Null(KeyText.Read("Bearer bio_" + text));
        Assert.Null(new SealedBytes(Here, "a purpose").Open(Encoding.UTF8.GetBytes(text), Guid.Empty));
        Assert.Null(Challenges(Here, new TestClock(TestApp.Start)).Of(ClientData(text), null));
        Assert.True(RefreshToken.Parse(text) is null || text == new string('A', 64)); // that one is of a family that nobody has
    }

    [Fact]
    public void A_shared_link_names_one_view_of_this_installation()
    {
        var (links, view) = (new SharedLinks(Here), Guid.NewGuid());

        Assert.Equal(view, links.ViewOf(links.TokenOf(view)));
        Assert.Equal("/s/" + links.TokenOf(view), links.PathOf(view));
        Assert.Null(new SharedLinks(Elsewhere).ViewOf(links.TokenOf(view)));
        AssertEveryChangeIsRefused(links.TokenOf(view), text => links.ViewOf(text) is null);
    }

    [Fact]
    public void An_unsubscribe_link_is_of_one_page_user_and_kind()
    {
        var (links, page, user) = (new UnsubscribeLinks(Here), Guid.NewGuid(), Guid.NewGuid());
        var url = links.UrlOf(page, user, ReportPeriod.Weekly);
        var token = url.Split('/')[^1];

        Assert.StartsWith("https://links.example/dashboard/unsubscribe/weekly/", url, StringComparison.Ordinal);
        Assert.Equal((page, user), links.Read(ReportPeriod.Weekly, token));
        Assert.Null(links.Read(ReportPeriod.Monthly, token));
        Assert.Null(links.Read("", token));
        Assert.Null(new UnsubscribeLinks(Elsewhere).Read(ReportPeriod.Weekly, token));
        AssertEveryChangeIsRefused(token, text => links.Read(ReportPeriod.Weekly, text) is null);
    }

    [Fact]
    public void A_ticket_of_the_first_step_ends_after_ten_minutes_and_with_the_password()
    {
        var clock = new TestClock(TestApp.Start);
        var (tickets, user) = (new SignInTicket(Here, clock), Guid.NewGuid());
        var ticket = tickets.New(user, "hash");

        clock.Advance(TimeSpan.FromMinutes(10) - TimeSpan.FromMilliseconds(1));
        var opened = tickets.Open(ticket)!.Value;
        Assert.Equal((user, true, false, false), (opened.User, opened.IsSamePassword("hash"), opened.IsSamePassword("other"), opened.IsSamePassword("")));
        Assert.Null(new SignInTicket(Elsewhere, clock).Open(ticket));
        AssertEveryChangeIsRefused(ticket, text => tickets.Open(text) is null);
        clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Null(tickets.Open(ticket));
    }

    [Fact]
    public void A_passkey_challenge_is_for_one_purpose_and_ends_after_ten_minutes()
    {
        var clock = new TestClock(TestApp.Start);
        var (challenges, user) = (Challenges(Here, clock), Guid.NewGuid());
        var (adding, signing) = (challenges.New(user), challenges.New(null));

        Assert.NotEqual(challenges.New(null), signing);
        clock.Advance(TimeSpan.FromMinutes(10) - TimeSpan.FromMilliseconds(1));
        Assert.Equal(adding, challenges.Of(ClientData(Base64Url.EncodeToString(adding)), user));
        Assert.Equal(signing, challenges.Of(ClientData(Base64Url.EncodeToString(signing)), null));
        Assert.Null(challenges.Of(ClientData(Base64Url.EncodeToString(adding)), null));
        Assert.Null(challenges.Of(ClientData(Base64Url.EncodeToString(adding)), Guid.NewGuid()));
        Assert.Null(challenges.Of(ClientData(Base64Url.EncodeToString(signing)), user));
        Assert.Null(Challenges(Elsewhere, clock).Of(ClientData(Base64Url.EncodeToString(signing)), null));
        foreach (var data in (string[])["[]", "{}", "null", """{"challenge":1}""", """{"challenge":null}"""])
        {
            Assert.Null(challenges.Of(Encoding.UTF8.GetBytes(data), null));
        }

        clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Null(challenges.Of(ClientData(Base64Url.EncodeToString(adding)), user));
    }

    [Fact]
    public void What_is_sealed_opens_for_its_purpose_and_user_only()
    {
        var (sealing, user) = (new SealedBytes(Here, "one"), Guid.NewGuid());
        var bytes = sealing.Seal("plain"u8, user);

        Assert.Equal("plain"u8.ToArray(), sealing.Open(bytes, user));
        Assert.Empty(sealing.Open(sealing.Seal([], user), user)!);
        Assert.NotEqual(sealing.Seal("plain"u8, user), bytes); // equal secrets of two users cannot be seen to be equal
        Assert.Null(sealing.Open(bytes, Guid.NewGuid()));
        Assert.Null(new SealedBytes(Here, "two").Open(bytes, user));
        Assert.Null(new SealedBytes(Elsewhere, "one").Open(bytes, user));
        Assert.Null(sealing.Open(bytes.AsSpan(1), user));
        for (var i = 0; i < bytes.Length; i++)
        {
            byte[] changed = [.. bytes];
            changed[i] ^= 1;
            Assert.Null(sealing.Open(changed, user));
            Assert.Null(sealing.Open(bytes.AsSpan(0, i), user));
        }
    }

    [Fact]
    public void A_device_cookie_is_of_one_account_and_not_of_a_script()
    {
        var (cookies, account) = (new DeviceCookie(Here), "an account");
        using var services = new ServiceCollection().AddSingleton(Here with { PublicUrl = null }).BuildServiceProvider();
        var answer = new DefaultHttpContext { RequestServices = services };
        cookies.Append(answer, account, RefreshCookie.Path);
        var set = answer.Response.Headers.SetCookie.ToString();
        var value = set.Split(';')[0]["bioscope_device=".Length..];

        Assert.Contains($"; max-age={400 * 24 * 60 * 60}; path={RefreshCookie.Path}; secure; samesite=strict; httponly", set, StringComparison.Ordinal);
        Assert.Equal(value[..32], cookies.Read(Sending(value), account));
        Assert.Null(cookies.Read(Sending(value), "another"));
        Assert.Null(new DeviceCookie(Elsewhere).Read(Sending(value), account));
        Assert.Null(cookies.Read(new DefaultHttpContext(), account));
        foreach (var wrong in (string[])["", "x", value[..32], value[..33], value + "0", new string('0', 96)])
        {
            Assert.Null(cookies.Read(Sending(wrong), account));
        }

        // On the dashboard it is secure only where the connection is.
        var page = new DefaultHttpContext { RequestServices = services };
        cookies.Append(page, account, "/dashboard");
        Assert.DoesNotContain("secure", page.Response.Headers.SetCookie.ToString(), StringComparison.Ordinal);

        static DefaultHttpContext Sending(string value)
        {
            var http = new DefaultHttpContext();
            http.Request.Headers.Cookie = $"bioscope_device={value}";
            return http;
        }
    }

    [Fact]
    public void A_refresh_token_carries_its_family_and_only_its_hash_is_kept()
    {
        var family = Guid.NewGuid();
        var token = RefreshToken.New(family);

        Assert.Equal((64, family), (token.Text.Length, RefreshToken.Parse(token.Text)!.Family));
        Assert.Equal(token.Hash, RefreshToken.Parse(token.Text)!.Hash);
        Assert.NotEqual(RefreshToken.New(family).Text, token.Text);
        Assert.DoesNotContain(token.Text, token.Hash, StringComparison.Ordinal);
        Assert.Null(RefreshToken.Parse(null));
        Assert.Null(RefreshToken.Parse(token.Text[..63]));
        Assert.Null(RefreshToken.Parse(token.Text + "A"));
    }

    [Fact]
    public void A_webhooks_secret_is_its_own_and_its_signature_covers_id_time_and_body()
    {
        var (signer, webhook) = (new WebhookSigner(Here), Guid.NewGuid());

        Assert.Equal(signer.SecretOf(webhook), new WebhookSigner(Here).SecretOf(webhook));
        Assert.Equal(32, Convert.FromBase64String(signer.SecretOf(webhook)["whsec_".Length..]).Length);
        Assert.NotEqual(signer.SecretOf(webhook), signer.SecretOf(Guid.NewGuid()));
        Assert.NotEqual(signer.SecretOf(webhook), new WebhookSigner(Elsewhere).SecretOf(webhook));
        var signed = signer.Sign(webhook, "message", TestApp.Start, "body");
        Assert.Equal(signed, signer.Sign(webhook, "message", TestApp.Start.AddMilliseconds(999), "body")); // whole seconds, as in the header
        string[] others =
        [
            signer.Sign(Guid.NewGuid(), "message", TestApp.Start, "body"), signer.Sign(webhook, "other", TestApp.Start, "body"),
            signer.Sign(webhook, "message", TestApp.Start.AddSeconds(1), "body"), signer.Sign(webhook, "message", TestApp.Start, "body "),
        ];
        Assert.DoesNotContain(signed, others);
    }

    [Fact]
    public void Each_new_token_differs_and_fits_into_an_address()
    {
        var (one, two) = (OneTimeToken.New(), OneTimeToken.New());

        Assert.NotEqual(one, two);
        Assert.Matches("^[A-Za-z0-9_-]{43}$", one.Text);
        Assert.Equal(one.Hash, new OneTimeToken(one.Text).Hash);
        Assert.Matches("^[0-9a-f]{64}$", one.Hash);
    }

    private static void AssertEveryChangeIsRefused(string token, Func<string, bool> isRefused)
    {
        for (var i = 0; i < token.Length - 1; i++) // the last character also has bits that no byte has
        {
            Assert.True(isRefused(token[..i] + (token[i] == 'A' ? 'B' : 'A') + token[(i + 1)..]), $"character {i}");
            Assert.True(isRefused(token[..i] + '!' + token[(i + 1)..]), $"character {i}");
        }

        Assert.True(isRefused(token[..^1]));
        Assert.True(isRefused(token + "A"));
        Assert.True(isRefused(" " + token[1..]));
    }

    private static PasskeyChallenge Challenges(Settings settings, TimeProvider clock) => new(null!, settings, clock);

    private static byte[] ClientData(string challenge) =>
        Encoding.UTF8.GetBytes(new System.Text.Json.Nodes.JsonObject { ["challenge"] = challenge }.ToJsonString());

    private static Settings With(string secret) => Settings.Read(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
    {
        ["Auth:JwtSecret"] = secret,
        ["PublicUrl"] = "https://links.example",
    }).Build());
}
