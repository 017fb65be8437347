using Bioscope.Engine.Retention;
using Bioscope.Engine.Rows;
using Bioscope.Server.Api.Bio;
using Microsoft.Extensions.DependencyInjection;

namespace Bioscope.Server.Tests.Support;

/// <summary>What some calls need to find, so that a documented error occurs.</summary>
internal static class OpenApiStates
{
    public static async Task PrepareAsync(TestApp app, OpenApiCall call, Guid page)
    {
        var cancelled = TestContext.Current.CancellationToken;
        if (call.PageIsFull)
        {
            var links = Enumerable.Range(0, LinkStore.MaxLinks).Select(_ => new BioLinkRow(Guid.NewGuid(), page, "Link", "https://example.com/"));
            await app.Main.InsertAsync(BioLinkRow.Table, [.. links], cancelled);
        }

        if (call.VisitsAreGone)
        {
            await app.Main.ExecuteAsync("""UPDATE "SharedView" SET "proof" = NULL, "frozenAt" = NULL""", cancelled);
            await app.Services.GetRequiredService<KeptVisits>().MoveAsync(TestApp.Start.AddDays(-1), cancelled);
        }
    }
}
