using System.Net;
using System.Text.Json;
using Bioscope.Engine.Creators;

namespace Bioscope.Server.Tests;

/// <summary>Signing in by passkeys, and what attackers send instead. In a real browser: <c>DashboardPasskeyTests</c>.</summary>
public sealed class PasskeyTests
{
    private const string Anna = "anna@example.com";
    private static readonly (string, string)[] Settings = [("PublicUrl", "https://links.example"), ("Throttle:Enabled", "false")];

    [Theory, Engines]
    public async Task A_passkey_signs_in_and_each_answer_counts_once(EngineKind engine)
    {
        using var databases = await TestDatabases.CreateAsync(engine);
        await using var app = await TestApp.StartAsync(databases, Settings);
        await using var other = await TestApp.StartAsync(databases, Settings);
        using var key = new SoftPasskey();
        var anna = await MakeAsync(app, Anna, key);
        using var phone = new DashboardVisit(app);
        using var elsewhere = new DashboardVisit(other);

        var answer = key.Get(await OptionsAsync(phone));
        Assert.Equal(HttpStatusCode.SeeOther, await SignInAsync(phone, answer));
        Assert.Contains(Anna, await phone.ReadAsync("/dashboard/account"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Unauthorized, await SignInAsync(elsewhere, answer));

        var race = key.Get(await OptionsAsync(elsewhere));
        var attempts = new List<DashboardVisit>();
        for (var i = 0; i < 6; i++)
        {
            attempts.Add(new DashboardVisit(i % 2 == 0 ? app : other));
        }

        var results = await Task.WhenAll(attempts.Select(visit => SignInAsync(visit, race)));
        Assert.Equal(1, results.Count(status => status == HttpStatusCode.SeeOther));
        attempts.ForEach(visit => visit.Dispose());
        var list = await app.ReadAsync(anna, "/api/v1/auth/passkeys");
        Assert.Equal(key.Id, (string?)list["passkeys"]![0]!["id"]);
        Assert.NotNull(list["passkeys"]![0]!["usedAt"]);
    }

    [Theory, Engines]
    public async Task Forged_answers_sign_nobody_in(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, Settings);
        using var key = new SoftPasskey { Count = 5 };
        using var bens = new SoftPasskey();
        await MakeAsync(app, Anna, key);
        await MakeAsync(app, "ben@example.com", bens);
        using var visit = new DashboardVisit(app);
        key.Count = 6;
        using var forged = key.Forged();
        await RefusedAsync(forged); // knows the id and the user, not the key
        (key.UserHandle, bens.UserHandle) = (bens.UserHandle, key.UserHandle);
        await RefusedAsync(key); // names another user
        await RefusedAsync(bens);
        (key.UserHandle, bens.UserHandle) = (bens.UserHandle, key.UserHandle);
        var handle = key.UserHandle;
        key.UserHandle = [];
        await RefusedAsync(key); // names nobody
        key.UserHandle = handle;
        key.VerifiesUser = false;
        await RefusedAsync(key); // a thief's finger
        key.VerifiesUser = true;
        key.Origin = "https://links.example.evil.example";
        await RefusedAsync(key); // a look-alike site
        key.Origin = "https://links.example";
        key.SiteId = "evil.example";
        await RefusedAsync(key);
        key.SiteId = "links.example";
        key.Count = 5;
        await RefusedAsync(key); // a copy of the device
        key.Count = 7;

        var options = await OptionsAsync(visit);
        foreach (var challenge in (string[])["AAAA", new string('A', 75), "{}", "é"])
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await SignInAsync(visit, key.Get(JsonSerializer.Serialize(new { challenge }))));
        }

        foreach (var answer in (string[])["", "null", "[]", "{}", "{\"id\":1}", "x", key.Get(options).Replace("signature", "sign", StringComparison.Ordinal)])
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await SignInAsync(visit, answer));
        }

        app.Clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(HttpStatusCode.Unauthorized, await SignInAsync(visit, key.Get(options)));
        Assert.Equal(HttpStatusCode.SeeOther, await SignInAsync(visit, key.Get(await OptionsAsync(visit))));

        async Task RefusedAsync(SoftPasskey key) =>
            Assert.Equal(HttpStatusCode.Unauthorized, await SignInAsync(visit, key.Get(await OptionsAsync(visit))));
    }

    [Theory, Engines]
    public async Task Making_one_takes_the_password_and_a_challenge_of_that_user(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, Settings);
        var (visit, anna) = await DashboardVisit.StartAsync(app);
        using var annas = visit;
        var (bens, ben) = await DashboardVisit.StartAsync(app, "ben@example.com");
        using var _ = bens;
        using var key = new SoftPasskey();

        Assert.Contains("\"problem\":\"password is wrong\"", await CreationAsync(annas, "wrong"), StringComparison.Ordinal);
        var options = await CreationAsync(annas, DashboardVisit.Password);
        Assert.Equal(HttpStatusCode.BadRequest, await AddAsync(bens, key.Create(options)));
        Assert.Equal(HttpStatusCode.BadRequest, await AddAsync(annas, key.Create(await OptionsAsync(annas, options))));
        key.VerifiesUser = false;
        Assert.Equal(HttpStatusCode.BadRequest, await AddAsync(annas, key.Create(options)));
        key.VerifiesUser = true;
        Assert.Equal(HttpStatusCode.SeeOther, await AddAsync(annas, key.Create(options)));
        Assert.Equal(HttpStatusCode.Conflict, await AddAsync(annas, key.Create(options)));
        // The same id, for another user.
        using var stolen = key.Forged();
        Assert.Equal(HttpStatusCode.Conflict, await AddAsync(bens, stolen.Create(await CreationAsync(bens, DashboardVisit.Password))));

        using (var others = await DeleteAsync(app, ben, key.Id))
        {
            Assert.Equal(HttpStatusCode.NotFound, others.StatusCode);
        }

        Assert.Contains($"data-passkey-id=\"{key.Id}\"", await annas.ReadAsync("/dashboard/account"), StringComparison.Ordinal);
        using (var own = await DeleteAsync(app, anna, key.Id))
        {
            Assert.Equal(HttpStatusCode.OK, own.StatusCode);
        }

        using var phone = new DashboardVisit(app);
        Assert.Equal(HttpStatusCode.Unauthorized, await SignInAsync(phone, key.Get(await OptionsAsync(phone))));
    }

    [Fact]
    public async Task With_a_second_factor_making_one_takes_a_code()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite, Settings);
        var (visit, anna) = await DashboardVisit.StartAsync(app);
        using var annas = visit;
        const string Secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
        await app.Main.ExecuteAsync(
            """UPDATE "User" SET "secondFactor" = @secret, "secondFactorStep" = 0""", TestContext.Current.CancellationToken,
            ("@secret", app.Sealed(anna.UserId, Secret)));

        Assert.Contains("problem", await CreationAsync(annas, DashboardVisit.Password), StringComparison.Ordinal);
        Assert.Contains("challenge", await CreationAsync(annas, DashboardVisit.Password, app.CodeOf(Secret)), StringComparison.Ordinal);
    }

    private static async Task<Creator> MakeAsync(TestApp app, string email, SoftPasskey key)
    {
        var (visit, creator) = await DashboardVisit.StartAsync(app, email);
        using var browser = visit;
        Assert.Equal(HttpStatusCode.SeeOther, await AddAsync(visit, key.Create(await CreationAsync(visit, DashboardVisit.Password))));
        return creator;
    }

    internal static async Task<string> CreationAsync(DashboardVisit visit, string password, string code = "")
    {
        var field = DashboardVisit.FormField(await visit.ReadAsync("/dashboard/account"));
        return await TextAsync(visit, "/dashboard/account/passkeys/options", ("form", field), ("password", password), ("code", code));
    }

    internal static async Task<HttpStatusCode> AddAsync(DashboardVisit visit, string answer)
    {
        var field = DashboardVisit.FormField(await visit.ReadAsync("/dashboard/account"));
        using var added = await visit.PostAsync("/dashboard/account/passkeys", ("form", field), ("passkey", answer));
        return added.StatusCode;
    }

    internal static async Task<string> OptionsAsync(DashboardVisit visit) =>
        await TextAsync(visit, "/dashboard/sign-in/passkey/options", ("form", await FieldAsync(visit)));

    /// <summary>The options of a creation with the challenge of a sign-in.</summary>
    private static async Task<string> OptionsAsync(DashboardVisit signedIn, string creation)
    {
        var field = DashboardVisit.FormField(await signedIn.ReadAsync("/dashboard/account"));
        var request = JsonDocument.Parse(await TextAsync(signedIn, "/dashboard/sign-in/passkey/options", ("form", field)));
        var own = JsonDocument.Parse(creation).RootElement.GetProperty("challenge").GetString()!;
        return creation.Replace(own, request.RootElement.GetProperty("challenge").GetString(), StringComparison.Ordinal);
    }

    internal static async Task<HttpStatusCode> SignInAsync(DashboardVisit visit, string answer)
    {
        using var response = await visit.PostAsync("/dashboard/sign-in/passkey", ("form", await FieldAsync(visit)), ("passkey", answer));
        return response.StatusCode;
    }

    private static async Task<string> FieldAsync(DashboardVisit visit) =>
        DashboardVisit.FormField(await visit.ReadAsync("/dashboard/sign-in"));

    private static async Task<string> TextAsync(DashboardVisit visit, string path, params (string, string)[] fields)
    {
        using var answer = await visit.PostAsync(path, fields);
        return await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    private static Task<HttpResponseMessage> DeleteAsync(TestApp app, Creator user, string id) => app.Http.SendAsync(
        new HttpRequestMessage(HttpMethod.Delete, "/api/v1/auth/passkeys/" + id)
        {
            Headers = { Authorization = new("Bearer", app.Token(user)) },
        },
        TestContext.Current.CancellationToken);
}
