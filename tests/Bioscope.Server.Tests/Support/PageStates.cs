using System.Globalization;
using Bioscope.Engine.Counting;
using Bioscope.Engine.Creators;

namespace Bioscope.Server.Tests.Support;

/// <summary>How far a page is sealed.</summary>
internal static class PageStates
{
    public static async Task<PageState> StateAsync(TestApp app, Creator creator)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var connection = await app.Analytics.OpenAsync(cancellationToken);
        await using var snapshot = await app.Analytics.Dialect.BeginSnapshotAsync(connection, cancellationToken);
        return await PageState.ReadAsync(app.Analytics.Dialect, snapshot, creator.BioPageId, cancellationToken);
    }

    /// <summary>Lets time pass until the page is in such a state.</summary>
    public static async Task<PageState> UntilAsync(TestApp app, Creator creator, Func<PageState, bool> isSo)
    {
        await Patience.UntilAsync(async () =>
        {
            app.Clock.Advance(TimeSpan.FromSeconds(1)); // the server may not have been waiting yet when the test set the clock
            return isSo(await StateAsync(app, creator));
        });
        return await StateAsync(app, creator);
    }

    /// <summary>Lets time pass until the running server has looked so often whether there is something to seal.</summary>
    public static async Task UntilLookedAsync(TestApp app, int times)
    {
        var looks = await LooksAsync() + times;
        await Patience.UntilAsync(async () =>
        {
            app.Clock.Advance(TimeSpan.FromSeconds(1));
            return await LooksAsync() >= looks;
        });

        async Task<int> LooksAsync() => int.Parse(
            await app.MetricAsync("""bioscope_db_duration_seconds_count{database="analytics",statement="unsealed pages"}""") ?? "0", CultureInfo.InvariantCulture);
    }
}
