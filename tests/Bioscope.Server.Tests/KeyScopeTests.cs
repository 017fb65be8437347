using System.Net;
using System.Text;
using Bioscope.Server.Docs;
using Bioscope.Server.Web;

namespace Bioscope.Server.Tests;

/// <summary>What each scope of an API key may do, operation by operation: a new operation needs a line.</summary>
public sealed class KeyScopeTests
{
    // read, ingest: what a key of that scope may. user: no key may. public: a key changes nothing.
    private const string Access = """
        read: overview trend traffic geo devices links sessions export sources rules referrerSpam query queryByAddress drops
        read: bio bioLinks bioLink bioPlacements bioPlacement bioSites pages
        ingest: startSession addPageView heartbeat heartbeatByBeacon leave leaveByBeacon forget
        user: replaceRules hideReferrerSpam previewRules sharedViews shareView revokeSharedView freezeSharedView identify
        user: ownSessions endSession changePassword secondFactor beginSecondFactor turnOnSecondFactor turnOffSecondFactor newRecoveryCodes
        user: passkeys removePasskey ownEmail changeEmail
        user: editBio putBioAvatar deleteBioAvatar addBioLink orderBioLinks deletedBioLinks editBioLink deleteBioLink restoreBioLink
        user: addBioPlacement editBioPlacement deleteBioPlacement addBioSite deleteBioSite
        user: ownMails chooseMails team inviteMember revokeInvitation changeMember removeMember leavePage joinPage data eraseData
        user: keys addKey removeKey webhooks addWebhook removeWebhook testWebhook webhookDeliveries
        public: sourceIcon healthz readyz metrics openapi docs login refresh signUp requestSignUp logout forgotPassword resetPassword confirmEmail
        public: bioPage bioPageOfPlacement bioAvatar tracker
        """;

    private static readonly ApiDocument Document = new(sharedOwnership: false);

    private static readonly Dictionary<string, string> AccessOf = Access.Split('\n').Select(line => line.Split(": "))
        .SelectMany(line => line[1].Split(' ').Select(id => (Id: id, Access: line[0]))).ToDictionary(entry => entry.Id, entry => entry.Access);

    private static IEnumerable<string> Operations => Document.Operations().Select(entry => (string)entry.Operation["operationId"]!);

    [Fact]
    public void Every_operation_has_a_line_as_it_is_documented()
    {
        Assert.Equal(Operations.Order(StringComparer.Ordinal), AccessOf.Keys.Order(StringComparer.Ordinal));
        foreach (var (_, _, operation) in Document.Operations())
        {
            var ways = operation["security"]!.AsArray().Select(way => ApiDocument.NameOf(way!.AsObject())).ToList();
            var documented = ways.Find(way => way.StartsWith("key: ", StringComparison.Ordinal))?["key: ".Length..]
                ?? (ways.Contains("bearer") ? "user" : "public");
            Assert.Equal(((string)operation["operationId"]!, documented), ((string)operation["operationId"]!, AccessOf[(string)operation["operationId"]!]));
        }
    }

    [Theory, Engines]
    public async Task A_key_may_what_its_scope_says_and_nothing_else(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, ("Throttle:Enabled", "false"));
        var anna = await app.AddCreatorAsync();
        var (read, all) = ((await app.AddKeyAsync(KeyScope.Read, anna.BioPageId)).Text, (await app.AddKeyAsync(KeyScope.Read, null)).Text);
        var (ingest, removed) = ((await app.AddKeyAsync(KeyScope.Ingest, null)).Text, KeyText.New().Text);
        foreach (var id in Operations)
        {
            var without = await StatusAsync(app, id, null, anna.BioPageId);
            (string Key, HttpStatusCode Got)[] got =
            [
                ("read", await StatusAsync(app, id, read, anna.BioPageId)), ("read", await StatusAsync(app, id, all, anna.BioPageId)),
                ("ingest", await StatusAsync(app, id, ingest, anna.BioPageId)), ("removed", await StatusAsync(app, id, removed, anna.BioPageId)),
            ];
            foreach (var (key, status) in got)
            {
                var expected = AccessOf[id] == "public" ? without
                    : key == "removed" ? HttpStatusCode.Unauthorized
                    : AccessOf[id] == key ? (HttpStatusCode?)null
                    : HttpStatusCode.Forbidden;
                Assert.True(
                    expected is null ? status is not (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or >= HttpStatusCode.InternalServerError)
                    : status == expected,
                    $"{id} with {key}: {status}");
            }
        }
    }

    /// <summary>Calls the operation as in its example. What its example is about may not be there: 404 is as good as 200.</summary>
    private static async Task<HttpStatusCode> StatusAsync(TestApp app, string id, string? key, Guid page)
    {
        var call = OpenApiCall.Of(Document, id);
        using var request = new HttpRequestMessage(new HttpMethod(call.Method), call.Path);
        if (call.Body is not null)
        {
            request.Content = new StringContent(call.Body, Encoding.UTF8, call.ContentType);
        }

        if (key is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + key);
        }

        request.Headers.Add(CallerPage.Header, page.ToString());
        request.Headers.Add(KeyAccess.VisitorHeader, KeyCalls.Visitor);
        using var answer = await app.Http.SendAsync(request, TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }
}
