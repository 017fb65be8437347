using Bioscope.Engine.Rows;

namespace Bioscope.Server.Tests;

/// <summary>What the commands about stored rows say and change: <c>repair</c>, <c>verify</c>, <c>rebuild</c>, <c>forget</c>, <c>erasures</c>.</summary>
public sealed class RowCommandTests : IDisposable
{
    private readonly InProcessCli _cli = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_shift_to_before_1970_changes_nothing()
    {
        var (_, page) = await _cli.AddCreatorAsync("anna");
        var ahead = Seconds(TimeProvider.System.GetUtcNow().AddDays(3).AddMinutes(20)); // a busy machine may take minutes
        await AddAsync(page, ahead);

        foreach (var shift in (string[])["3000000d", "99999999h", "60000d"])
        {
            Assert.Equal(
                $"Nothing was changed. Moved back by {shift}, rows would be from before 1970. Shift by less.\n",
                await _cli.FailAsync(1, "repair", "--yes", "--shift", shift));
        }

        foreach (var shift in (string[])["1d", "71h59m"])
        {
            var (exitCode, output, error) = await _cli.RunAsync("repair", "--yes", "--shift", shift);
            Assert.Equal(1, exitCode);
            Assert.Contains("1 page, 1 session, 0 page views; it is ", output, StringComparison.Ordinal);
            Assert.StartsWith($"Nothing was changed. Moved back by {shift}, the newest row would still be in the future, at ", error, StringComparison.Ordinal);
        }

        Assert.Equal([ahead], await StartsAsync());
        Assert.Contains("Nothing was changed. To shift them, add --yes\n", await _cli.SucceedAsync("repair", "--shift", "73h"), StringComparison.Ordinal);
        Assert.Equal([ahead], await StartsAsync());
        Assert.Contains("1 row shifted. ", await _cli.SucceedAsync("repair", "--shift", "73h", "--yes"), StringComparison.Ordinal);
        Assert.Equal([ahead.AddHours(-73)], await StartsAsync());
    }

    [Fact]
    public async Task Only_the_future_is_repaired_and_only_five_minutes_of_it_are_none()
    {
        var (_, page) = await _cli.AddCreatorAsync("anna");
        await AddAsync(page, TimeProvider.System.GetUtcNow().AddMinutes(4));

        Assert.Matches("^It is [0-9-]{10} [0-9:]{8}Z, and no row has a future time.\n$", await _cli.SucceedAsync("repair"));
        Assert.Equal(
            "--from is in the past, and only rows with future times are repaired. Give a later time.\n",
            await _cli.FailAsync(1, "repair", "--from", "2026-01-01T00:00Z", "--remove", "--yes"));
        Assert.Single(await StartsAsync());

        await AddAsync(page, TimeProvider.System.GetUtcNow().AddMinutes(7));
        Assert.Contains("To correct them: --shift <how far the clock was ahead, such as 30d>. To remove them: --remove\n", await _cli.SucceedAsync("repair"), StringComparison.Ordinal);
        Assert.Contains("Nothing was changed. To remove them, add --yes\n", await _cli.SucceedAsync("repair", "--remove"), StringComparison.Ordinal);
        Assert.Equal(2, (await StartsAsync()).Count);
        Assert.Contains("1 row removed. ", await _cli.SucceedAsync("repair", "--remove", "--yes"), StringComparison.Ordinal);
        Assert.Single(await StartsAsync());
    }

    [Fact]
    public async Task An_empty_installation_has_nothing_to_repair_rebuild_or_verify()
    {
        Assert.Contains("and no row has a future time.", await _cli.SucceedAsync("repair"), StringComparison.Ordinal);
        Assert.Equal("No invalid values.\n", await _cli.SucceedAsync("repair", "--malformed"));
        Assert.Matches("^0 pages, 0 rows sealed, [0-9.]+ seconds\n$", await _cli.SucceedAsync("rebuild"));
        Assert.Matches(
            "^0 pages, 0 rows recounted, 0 counts compared, [0-9.]+ seconds\nAll rollups and segments match the raw rows.\n$", await _cli.SucceedAsync("verify"));
        Assert.Equal("Erased: 0 sessions, 0 page views and clicks.\n", (await _cli.SucceedAsync("forget", "--visitor", "nobody")).Split("Their")[0]);
    }

    [Fact]
    public async Task One_page_is_rebuilt_and_verified_by_its_id()
    {
        var (_, page) = await _cli.AddCreatorAsync("anna");
        await AddAsync(page, TimeProvider.System.GetUtcNow().AddDays(-3));

        Assert.StartsWith("1 page, ", await _cli.SucceedAsync("rebuild", "--page", page.ToString().ToUpperInvariant()), StringComparison.Ordinal);
        Assert.StartsWith("1 page, ", await _cli.SucceedAsync("verify", "--page", page.ToString()), StringComparison.Ordinal);
        // A page that only has rows is one, too.
        await _cli.ExecuteAsync("""DELETE FROM "BioPage" """);
        await _cli.SucceedAsync("verify", "--page", page.ToString());
    }

    [Fact]
    public async Task An_export_is_complete_private_and_overwrites_nothing()
    {
        var (user, page) = await _cli.AddCreatorAsync("anna");
        await AddAsync(page, TimeProvider.System.GetUtcNow().AddDays(-3));
        var file = Path.Combine(_cli.Folder, "anna.zip");
        await File.WriteAllTextAsync(file + ".part", "of an export that was interrupted", Cancelled);

        var lines = (await _cli.SucceedAsync("creator", "export", "--user", user.ToString(), "--output", file)).Split('\n');

        Assert.Equal($"{file}: {new FileInfo(file).Length:N0} bytes", lines[0]);
        Assert.Equal($"To store its rows again, here or elsewhere: unzip -p {file} bioscope.ndjson | bioscope import -", lines[1]);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.False(File.Exists(file + ".part"));
        var before = await File.ReadAllBytesAsync(file, Cancelled);
        Assert.Equal(
            $"'{file}' exists already. Nothing was written. Give --output a new name.\n",
            await _cli.FailAsync(1, "creator", "export", "--handle", "anna", "--output", file));
        Assert.Equal(before, await File.ReadAllBytesAsync(file, Cancelled));
    }

    [Fact]
    public async Task What_is_erased_is_listed_with_who_asked()
    {
        var (user, page) = await _cli.AddCreatorAsync("anna");
        await AddAsync(page, TimeProvider.System.GetUtcNow().AddDays(-3));

        Assert.StartsWith("Erased: account and page, 1 sessions, 0 page views and clicks.\n", await _cli.SucceedAsync("creator", "remove", "--user", user.ToString(), "--yes"), StringComparison.Ordinal);
        Assert.Matches(
            $"^[0-9-]{{10}} [0-9:]{{5}} UTC  creator, asked by the operator  page {page}  1 sessions, 0 page views  (not yet )?overwritten\n$",
            await _cli.SucceedAsync("erasures"));
        Assert.Empty(await StartsAsync());
        Assert.Equal((0, "", "Nobody was found.\n"), await _cli.RunAsync("creator", "list"));
        Assert.EndsWith("  overwritten\n", await _cli.SucceedAsync("erasures", "--overwrite"), StringComparison.Ordinal);
        Assert.Equal("There is no creator with the handle anna. Nothing was changed.\n", await _cli.FailAsync(1, "creator", "remove", "--handle", "anna", "--yes"));
    }

    public void Dispose() => _cli.Dispose();

    private static DateTimeOffset Seconds(DateTimeOffset at) => DateTimeOffset.FromUnixTimeSeconds(at.ToUnixTimeSeconds());

    private async Task AddAsync(Guid page, DateTimeOffset startedAt)
    {
        await using var analytics = _cli.OpenAnalytics();
        await analytics.InsertAsync(
            SessionRow.Table,
            [new SessionRow { BioPageId = page, Id = Guid.NewGuid(), VisitorId = "visitor", StartedAt = startedAt, PageViews = 1 }], Cancelled);
    }

    private async Task<List<DateTimeOffset>> StartsAsync()
    {
        await using var analytics = _cli.OpenAnalytics();
        return await analytics.QueryAsync(
            """SELECT "startedAt" FROM "AnalyticsSession" ORDER BY "startedAt" """, row => analytics.Dialect.ReadInstant(row, 0), Cancelled);
    }
}
