using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using Bioscope.Engine.Creators;
using Bioscope.Engine.Rows;
using Bioscope.Server.Accounts;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace Bioscope.Server.Tests.Support;

/// <summary>A server with the creator of the document's examples.</summary>
internal sealed class OpenApiWorld : IAsyncDisposable
{
    private static readonly Guid User = new("019d9103-3600-7000-8000-000000000001");
    private static readonly Guid Page = new("019d9103-3600-7000-8000-000000000003");
    private static readonly Guid Session = new("019d9103-3600-7000-8000-000000000010");
    private static readonly Guid View = new("019d9103-3600-7000-8000-000000000020");
    private static readonly Guid Shop = new("019d9103-3600-7000-8000-000000000031");
    private static readonly Guid Video = new("019d9103-3600-7000-8000-000000000032");
    private static readonly Guid Deleted = new("019d9103-3600-7000-8000-000000000033");
    private static readonly Guid Story = new("019d9103-3600-7000-8000-000000000041");
    private static readonly Guid Site = new("019d9103-3600-7000-8000-000000000051");
    private static readonly Guid Shared = new("019d9103-3600-7000-8000-000000000071");
    private static readonly Guid SignIn = new("019d9103-3600-7000-8000-000000000061");
    private static readonly Guid Poster = new("019d9103-3600-7000-8000-000000000042");
    private static readonly Guid PageOfBen = new("019d9103-3600-7000-8000-000000000005");
    private static readonly Guid Hook = new("019d9103-3600-7000-8000-000000000081");
    private static readonly Guid Reset = new("019d9103-3600-7000-8000-000000000071");
    private static readonly Guid Confirmation = new("019d9103-3600-7000-8000-000000000072");

    // No mail has to arrive: nothing listens there.
    private static readonly (string, string)[] Mail =
        [("Mail:Server", "127.0.0.1:1"), ("Mail:From", "stats@links.example"), ("PublicUrl", "https://links.example")];
    private static readonly Guid WithSecondFactor = new("019d9103-3600-7000-8000-000000000002");

    private const string Password = "correct horse battery staple";

    private readonly TestDatabases _databases;
    private readonly TestApp _app;
    private readonly Guid _withoutPage = Guid.NewGuid();
    private readonly HttpClient _http; // follows no redirects
    private string _secret = "";
    private string _lastCookie = "bioscope_refresh=none";

    private OpenApiWorld(TestDatabases databases, TestApp app)
    {
        (_databases, _app) = (databases, app);
        _http =
            new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = app.Http.BaseAddress };
        _http.DefaultRequestHeaders.UserAgent.ParseAdd(TestApp.Phone);
    }

    public static async Task<OpenApiWorld> StartAsync(params (string Key, string Value)[] settings)
    {
        var databases = await TestDatabases.CreateAsync(EngineKind.Sqlite);
        var world = new OpenApiWorld(databases, await TestApp.StartAsync(databases, [.. Mail, ("Accounts:SignUp", "open"), .. settings]));
        await world.FillMainAsync();
        await world.FillAnalyticsAsync();
        return world;
    }

    /// <summary>Sends the call; <paramref name="later"/> means after every limit has expired, at the same time of day.</summary>
    public async Task<HttpResponseMessage> SendAsync(OpenApiCall call, bool later = true)
    {
        if (later)
        {
            _app.Clock.Advance(TimeSpan.FromHours(2));
            _app.Clock.StepTo(TestApp.Start);
        }

        await OpenApiStates.PrepareAsync(_app, call, Page);

        if (call.Path.EndsWith("/sign-up", StringComparison.Ordinal))
        {
            await InviteAsync();
        }

        if (call.Path.Contains("/memberships/", StringComparison.Ordinal))
        {
            await MakeMemberAsync();
        }

        if (call.Path.Contains("/second-factor", StringComparison.Ordinal) && call.Body is { } body)
        {
            call = call with
            {
                Body = body.Replace("1pM0\\u2026", await SetUpAsync(call), StringComparison.Ordinal).Replace(
                "287082", _app.CodeOf(_secret), StringComparison.Ordinal)
            };
        }

        using var request = new HttpRequestMessage(new HttpMethod(call.Method), call.Path);
        var subject = call.Caller switch
        {
            Caller.Creator => User,
            Caller.CreatorWithoutPage => _withoutPage,
            Caller.Stranger => Guid.NewGuid(),
            _ => (Guid?)null,
        };
        if (subject is { } user)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _app.Token(user.ToString()));
        }

        if (call.Body is not null)
        {
            request.Content = new StringContent(call.Body, Encoding.UTF8, call.ContentType);
        }

        if (call.File is not null)
        {
            request.Content = new ByteArrayContent(call.File) { Headers = { ContentType = new MediaTypeHeaderValue(call.ContentType) } };
        }

        if (call.Header?.Split(": ") is [var name, var value])
        {
            request.Headers.TryAddWithoutValidation(name, value switch
            {
                "{etag}" => await TagAsync(call),
                "bioscope_refresh={refresh}" => await RefreshCookieAsync(),
                "bioscope_refresh={used}" => _lastCookie,
                _ => value,
            });
        }

        return await _http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>Damages both files, so that neither is a database.</summary>
    public async Task BreakDatabasesAsync()
    {
        await RefreshCookieAsync(); // one that is cached
        SqliteConnection.ClearAllPools();
        foreach (var key in (string[])["ConnectionStrings:Main", "ConnectionStrings:Analytics"])
        {
            var file = new SqliteConnectionStringBuilder(_databases.Settings[key]).DataSource;
            File.Delete(file + "-wal");
            File.Delete(file + "-shm");
            await File.WriteAllTextAsync(file, new string('x', 10_000), TestContext.Current.CancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _app.DisposeAsync();
        _databases.Dispose();
    }

    private async Task<string> RefreshCookieAsync()
    {
        using var response = await _app.Http.PostAsJsonAsync(
            "/api/v1/auth/login", new { email = "anna@example.com", password = Password }, TestContext.Current.CancellationToken);
        return _lastCookie = response.Headers.TryGetValues("Set-Cookie", out var cookies)
            ? cookies.Single(cookie => cookie.StartsWith("bioscope_refresh=", StringComparison.Ordinal)).Split(';')[0]
            : _lastCookie;
    }

    /// <summary>The state that the call needs: off where it is turned on, otherwise on.</summary>
    private async Task<string> SetUpAsync(OpenApiCall call)
    {
        var setup = _app.Services.GetRequiredService<SecondFactor>().NewSetup(User, "anna@example.com", "links.example");
        _secret = setup.Secret;
        try
        {
            await _app.Main.ExecuteAsync(
                """UPDATE "User" SET "secondFactor" = @secret, "secondFactorStep" = 0 WHERE "id" = @user""",
                TestContext.Current.CancellationToken,
                ("@secret", call.Path.EndsWith("second-factor", StringComparison.Ordinal) ? null : _app.Sealed(User, _secret)), ("@user", User));
        }
        catch (SqliteException)
        {
            // after BreakDatabasesAsync
        }

        return setup.Setup;
    }

    /// <summary>Makes the caller a member of the other page, which is none of the examples' otherwise.</summary>
    private async Task MakeMemberAsync()
    {
        try
        {
            await _app.Main.ExecuteAsync(
                """
                INSERT INTO "PageMember" ("bioPageId", "userId", "role", "createdAt") VALUES (@page, @user, 'viewer', @now)
                ON CONFLICT DO NOTHING
                """,
                TestContext.Current.CancellationToken, ("@page", PageOfBen), ("@user", User), ("@now", TestApp.Start));
        }
        catch (SqliteException)
        {
            // after BreakDatabasesAsync
        }
    }

    /// <summary>The invitation of the example, unless it is still open.</summary>
    private async Task InviteAsync()
    {
        try
        {
            await _app.Main.ExecuteAsync(
                """
                INSERT INTO "Invitation" ("id", "tokenHash", "createdAt", "expiresAt") VALUES (@id, @token, @now, @until)
                ON CONFLICT DO NOTHING
                """,
                TestContext.Current.CancellationToken,
                ("@id", Guid.NewGuid()), ("@token", new OneTimeToken("Yk3vE1yq0Jt7sX9bLr2mWc5dPz8hQaUf4oNgTi6KxVM").Hash),
                ("@now", TestApp.Start), ("@until", TestApp.Start.AddDays(7)));
        }
        catch (SqliteException)
        {
            // after BreakDatabasesAsync
        }
    }

    private async Task<string> TagAsync(OpenApiCall call)
    {
        using var response = await SendAsync(call with { Header = null });
        return response.Headers.ETag?.ToString() ?? "\"none\"";
    }

    private async Task FillMainAsync()
    {
        await using var connection = await _app.Main.OpenAsync(TestContext.Current.CancellationToken);
        await using var transaction = await _app.Main.Dialect.BeginExclusiveAsync(connection, TestContext.Current.CancellationToken);
        await CreatorStore.AddAsync(
            _app.Main.Dialect, transaction, new NewCreator(User)
            {
                BioPageId = Page,
                Handle = "anna",
                Email = "anna@example.com",
                HashPassword = () => Passwords.Hash(Password),
            },
            TestApp.Start, TestContext.Current.CancellationToken);
        await CreatorStore.AddAsync(
            _app.Main.Dialect, transaction, new NewCreator(Guid.NewGuid()) { Handle = "ben", BioPageId = PageOfBen }, TestApp.Start,
            TestContext.Current.CancellationToken);
        await CreatorStore.AddAsync(
            _app.Main.Dialect, transaction,
            new NewCreator(WithSecondFactor) { Email = "dora@example.com", HashPassword = () => Passwords.Hash(Password) }, TestApp.Start,
            TestContext.Current.CancellationToken);
        await _app.Main.Dialect.ExecuteAsync(
            transaction,
            """UPDATE "User" SET "secondFactor" = @secret, "secondFactorStep" = 0 WHERE "id" = @user""",
            TestContext.Current.CancellationToken,
            ("@secret", _app.Sealed(WithSecondFactor, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")), ("@user", WithSecondFactor));
        await _app.Main.Dialect.InsertAsync(
            transaction,
            CreatorRow.Table,
            [new CreatorRow(Guid.NewGuid(), _withoutPage, TestApp.Start)],
            TestContext.Current.CancellationToken);
        await _app.Main.Dialect.InsertAsync(
            transaction,
            BioLinkRow.Table,
            [new BioLinkRow(Shop, Page, "Shop", "https://shop.example/"),
                new BioLinkRow(Video, Page, "New video", "https://video.example/anna") { Position = 1 }],
            TestContext.Current.CancellationToken);
        await _app.Main.Dialect.InsertAsync(
            transaction,
            PlacementRow.Table,
            [new PlacementRow(Story, Page, "story", "Instagram", "Instagram story", TestApp.Start),
                new PlacementRow(Poster, Page, "tour-poster", "Tour 2026", "Posters of the tour", TestApp.Start)],
            TestContext.Current.CancellationToken);
        await _app.Main.Dialect.InsertAsync(
            transaction, SiteRow.Table, [new SiteRow(Site, Page, "https://shop.example", TestApp.Start)], TestContext.Current.CancellationToken);
        await _app.Main.Dialect.InsertAsync(
            transaction,
            SharedViewRow.Table,
            [new SharedViewRow(
                Shared, Page, "Spring campaign",
                """{"range":"30d","timeZone":"UTC","filters":[["is","source",["Instagram"]]],"compare":"previous"}""", "figures trend",
                TestApp.Start) { LinkId = Shop }],
            TestContext.Current.CancellationToken);
        await _app.Main.Dialect.ExecuteAsync(
            transaction,
            """
            INSERT INTO "RefreshFamily" ("id", "userId", "tokenHash", "expiresAt", "startedAt", "usedAt", "client")
            VALUES (@id, @user, 'x', @until, @at, @at, 'Safari on iOS')
            """,
            TestContext.Current.CancellationToken,
            ("@id", SignIn),
            ("@user", User),
            ("@until", TestApp.Start.AddDays(30)),
            ("@at", TestApp.Start));
        await _app.Main.Dialect.InsertAsync(
            transaction,
            MailedLink.Table,
            [new MailedLink(Reset, PasswordReset.Name, User, "anna@example.com", TestApp.Start.AddMinutes(30)),
                new MailedLink(Confirmation, EmailAddress.Name, User, "anna@example.com", TestApp.Start.AddMinutes(30))],
            TestContext.Current.CancellationToken);
        await _app.Main.Dialect.ExecuteAsync(
            transaction,
            """
            INSERT INTO "Webhook" ("id", "bioPageId", "url", "events", "createdAt")
            VALUES (@id, @page, 'http://127.0.0.1:9/hook', 'visits.spike visits.drop', @now)
            """,
            TestContext.Current.CancellationToken,
            ("@id", Hook), ("@page", Page), ("@now", TestApp.Start));
        await _app.Main.Dialect.ExecuteAsync(
            transaction,
            """INSERT INTO "PageMember" ("bioPageId", "userId", "role", "createdAt") VALUES (@page, @user, 'viewer', @now)""",
            TestContext.Current.CancellationToken,
            ("@page", Page), ("@user", WithSecondFactor), ("@now", TestApp.Start));
        await _app.Main.Dialect.ExecuteAsync(
            transaction,
            """
            INSERT INTO "MemberInvitation" ("id", "bioPageId", "email", "role", "createdAt", "expiresAt")
            VALUES (@id, @page, 'eva@example.com', 'viewer', @now, @until), (@other, @ben, NULL, 'editor', @now, @until)
            """,
            TestContext.Current.CancellationToken,
            ("@id", new Guid("019d9103-3600-7000-8000-0000000000a1")), ("@page", Page), ("@other", new Guid("019d9103-3600-7000-8000-0000000000a2")),
            ("@ben", PageOfBen), ("@now", TestApp.Start), ("@until", TestApp.Start.AddDays(7)));
        await _app.Main.Dialect.ExecuteAsync(
            transaction,
            """INSERT INTO "ApiKey" ("id", "hash", "name", "scope", "bioPageId", "createdAt") VALUES (@id, 'x', 'Newsletter sheet', 'read', @page, @now)""",
            TestContext.Current.CancellationToken, ("@id", new Guid("019d9103-3600-7000-8000-0000000000b1")), ("@page", Page), ("@now", TestApp.Start));
        await _app.Main.Dialect.ExecuteAsync(
            transaction,
            """
            INSERT INTO "WebhookDelivery" ("id", "webhookId", "messageId", "event", "at", "attempt", "status")
            VALUES (@id, @id, 'msg_0123456789abcdef0123456789abcdef', 'visits.spike', @now, 1, 204)
            """,
            TestContext.Current.CancellationToken,
            ("@id", Hook), ("@now", TestApp.Start));
        await _app.Main.Dialect.ExecuteAsync(
            transaction,
            """
            INSERT INTO "Passkey" ("id", "userId", "publicKey", "signCount", "client", "createdAt")
            VALUES ('8JvGmF0dW2xqY7bS3nTzRA', @user, @key, 0, 'Safari on iOS', @at)
            """,
            TestContext.Current.CancellationToken,
            ("@user", User), ("@key", Array.Empty<byte>()), ("@at", TestApp.Start));
        await _app.Main.Dialect.ExecuteAsync(
            transaction,
            """INSERT INTO "Avatar" ("bioPageId", "hash", "small", "large") VALUES (@page, '0123456789abcdef01234567', @file, @file)""",
            TestContext.Current.CancellationToken,
            ("@page", Page), ("@file", "RIFF"u8.ToArray()));
        await _app.Main.Dialect.ExecuteAsync(
            transaction,
            """INSERT INTO "OldHandle" ("handle", "bioPageId", "until") VALUES ('anna.old', @page, @until)""",
            TestContext.Current.CancellationToken,
            ("@page", Page), ("@until", TestApp.Start.AddDays(90)));
        await _app.Main.Dialect.ExecuteAsync(
            transaction,
            """
            INSERT INTO "DeletedLink" ("id", "bioPageId", "title", "url", "position", "active", "heading", "pinned", "deletedAt")
            VALUES (@link, @page, 'Last tour', 'https://tour.example/', 2, TRUE, FALSE, FALSE, @now)
            """,
            TestContext.Current.CancellationToken,
            ("@link", Deleted), ("@page", Page), ("@now", TestApp.Start));
        await transaction.CommitAsync(TestContext.Current.CancellationToken);
    }

    private async Task FillAnalyticsAsync()
    {
        (string? Source, string? Country, string? Device, int Seconds, int Views)[] visits =
        [
            ("instagram.com", "Germany", "mobile", 30, 2), ("instagram.com", "Germany", "mobile", 0, 1),
            ("instagram.com", "Austria", "mobile", 60, 3),
            ("instagram.com", "France", "mobile", 0, 1), (null, "Germany", "desktop", 90, 2), (null, null, null, 0, 1),
            ("youtube.com", "Austria", "tablet", 0, 1),
        ];
        var sessions = visits.Select((visit, i) => new SessionRow
        {
            BioPageId = Page,
            Id = i == 0 ? Session : Guid.NewGuid(),
            VisitorId = $"visitor {i / 2}",
            ReferrerDomain = visit.Source,
            Country = visit.Country,
            Device = visit.Device,
            Duration = visit.Seconds,
            PageViews = visit.Views,
            StartedAt = TestApp.Start.AddMinutes(-10 - (i * 600)),
        }).ToList();
        await _app.Analytics.InsertAsync(SessionRow.Table, sessions, TestContext.Current.CancellationToken);
        Guid?[] clicks = [null, Shop, Video, Shop, null, null, null, null, Deleted, null, null];
        var views = clicks.Select((link, i) => new PageViewRow
        {
            BioPageId = Page,
            Id = i == 0 ? View : Guid.NewGuid(),
            SessionId = Session,
            EnteredAt = TestApp.Start.AddMinutes(-9 - (i * 400)),
            LinkClicked = link,
        }).ToList();
        await _app.Analytics.InsertAsync(PageViewRow.Table, views, TestContext.Current.CancellationToken);
        var today = new DateTimeOffset(TestApp.Start.Date, TimeSpan.Zero);
        PageDrop[] drops = [new(Page, today.AddDays(-1), "consent", 5), new(Page, today, "consent", 2), new(Page, today, "unanswered", 4),
            new(Page, today, "bot", 1)];
        await _app.Analytics.InsertAsync(PageDrop.Table, drops, TestContext.Current.CancellationToken);
    }
}
