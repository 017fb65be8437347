using Bioscope.Server.Backups;

namespace Bioscope.Server.Tests;

/// <summary>Which folders are backups, which are removed, and which are not trusted. <see cref="BackupTests"/> restores them.</summary>
public sealed class BackupFolderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("bioscope-backups-").FullName;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public void Backups_are_listed_by_their_time_newest_first_whatever_else_is_there()
    {
        foreach (var name in (string[])["bioscope-20260131T080000Z", "bioscope-20251231T235959Z", "bioscope-20260131T080001Z"])
        {
            Make(name);
        }

        Make("bioscope-20260201T080000Z.part"); // not complete
        Make("bioscope-20260230T080000Z"); // no such day
        Make("bioscope-yesterday");
        Make("other-20260201T080000Z");
        Directory.CreateDirectory(Path.Combine(_folder, "bioscope-20260202T080000Z")); // without a manifest
        File.WriteAllText(Path.Combine(_folder, "bioscope-20260203T080000Z"), "a file");

        Assert.Equal(
            ["bioscope-20260131T080001Z", "bioscope-20260131T080000Z", "bioscope-20251231T235959Z"],
            Backup.In(_folder).Select(backup => Path.GetFileName(backup.Folder)));
        Assert.Equal(new DateTimeOffset(2025, 12, 31, 23, 59, 59, TimeSpan.Zero), Backup.In(_folder)[^1].CreatedAt);
        Assert.Empty(Backup.In(Path.Combine(_folder, "missing")));
    }

    [Fact]
    public void A_backup_is_found_itself_or_as_the_newest_of_its_folder()
    {
        Make("bioscope-20260131T080000Z");
        var newest = Make("bioscope-20260201T080000Z");
        // Whoever moves it elsewhere finds it there.
        var moved = Path.Combine(_folder, "copy");
        Directory.CreateDirectory(moved);
        File.Copy(Path.Combine(newest, Backup.Manifest), Path.Combine(moved, Backup.Manifest));

        Assert.Equal(newest, Backup.Find(_folder).Folder);
        Assert.Equal(moved, Backup.Find(moved).Folder);
        Assert.Equal(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), Backup.Find(moved).CreatedAt);
        Assert.Contains("has no backup", Assert.Throws<InvalidDataException>(() => Backup.Find(Path.Combine(_folder, "nothing"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_the_oldest_are_removed_and_what_was_interrupted_a_day_ago()
    {
        for (var day = 1; day <= 5; day++)
        {
            Make($"bioscope-2026010{day}T080000Z");
        }

        var now = new DateTimeOffset(2026, 1, 7, 12, 0, 0, TimeSpan.Zero);
        var (stale, running) = (Make("bioscope-20260106T080000Z.part"), Make("bioscope-20260106T120001Z.part"));
        Directory.SetLastWriteTimeUtc(stale, now.UtcDateTime.AddDays(-1).AddSeconds(-1));
        Directory.SetLastWriteTimeUtc(running, now.UtcDateTime.AddDays(-1)); // another process may be at it
        Directory.CreateDirectory(Path.Combine(_folder, "letters"));

        Assert.Equal(3, Backup.Prune(_folder, 2, now));

        Assert.Equal(
            ["bioscope-20260104T080000Z", "bioscope-20260105T080000Z", "bioscope-20260106T120001Z.part", "letters"],
            Directory.GetDirectories(_folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(0, Backup.Prune(_folder, 2, now));
        Assert.Equal(0, Backup.Prune(_folder, 9, now));
    }

    [Fact]
    public async Task Each_file_must_be_as_the_manifest_says()
    {
        var folder = Make("bioscope-20260131T080000Z", """[{"name":"main.db","bytes":3,"sha256":"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}]""");
        var path = Path.Combine(folder, "main.db");
        var backup = Backup.Find(folder);
        foreach (var content in (string?[])[null, "abd", "abcd", "ab", ""])
        {
            await SetAsync(content);
            Assert.Equal(
                $"'{path}' is missing, or is not as it was when the backup was made.",
                (await Assert.ThrowsAsync<InvalidDataException>(() => backup.VerifyAsync(Cancelled))).Message);
        }

        await SetAsync("abc");
        Assert.Equal(["main.db"], await backup.VerifyAsync(Cancelled));
        await File.WriteAllTextAsync(Path.Combine(folder, "more"), "x", Cancelled); // what it does not name is no part of it
        Assert.Equal(["main.db"], await backup.VerifyAsync(Cancelled));

        async Task SetAsync(string? content)
        {
            File.Delete(path);
            if (content is not null)
            {
                await File.WriteAllTextAsync(path, content, Cancelled);
            }
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"createdAt":"2026-01-31T08:00:00+00:00","files":null}""")]
    [InlineData("""{"createdAt":"2026-01-31T08:00:00+00:00","files":[]}""")]
    [InlineData("""{"createdAt":"2026-01-31T08:00:00+00:00","files":[null]}""")]
    [InlineData("""{"createdAt":"2026-01-31T08:00:00+00:00","files":[{"bytes":3}]}""")]
    [InlineData("""{"createdAt":"yesterday","files":[]}""")]
    public async Task A_damaged_manifest_is_one_line_and_restores_nothing(string manifest)
    {
        using var cli = new InProcessCli();
        var folder = Make("bioscope-20260131T080000Z");
        await File.WriteAllTextAsync(Path.Combine(folder, Backup.Manifest), manifest, Cancelled);

        Assert.Equal(
            $"'{Path.Combine(folder, Backup.Manifest)}' is damaged. Nothing was changed.\n", await cli.FailAsync(1, "restore", folder));
        Assert.False(Directory.Exists(cli.Data));
    }

    [Fact]
    public async Task A_file_named_with_a_path_is_looked_for_in_the_backup_only()
    {
        var folder = Make("bioscope-20260131T080000Z", """[{"name":"../main.db","bytes":3,"sha256":"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}]""");
        await File.WriteAllTextAsync(Path.Combine(_folder, "main.db"), "abc", Cancelled);

        await Assert.ThrowsAsync<InvalidDataException>(() => Backup.Find(folder).VerifyAsync(Cancelled));
    }

    [Fact]
    public async Task Two_backups_of_one_second_do_not_overwrite_each_other()
    {
        using var cli = new InProcessCli();
        await cli.AddCreatorAsync("anna");
        var target = Path.Combine(_folder, "new", "folder");
        var line = (await cli.SucceedAsync("backup", target)).Split('\n');
        var made = Assert.Single(Backup.In(target)).Folder;

        Assert.Matches($"^{made}: [0-9,]+ bytes, checked$", line[0]);
        Assert.Equal("The secrets are settings, so they are not in it: keep them yourself.", line[1]);
        Assert.Equal($"To restore it: bioscope restore {made}", line[2]);
        // One that was left by a crash at the same second is in the way of nobody.
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(made));
        await using var main = cli.OpenMain();
        await using var analytics = cli.OpenAnalytics();
        var settings = Configuration.Settings.Read(new Microsoft.Extensions.Configuration.ConfigurationBuilder().Build());
        var at = Backup.In(target)[0].CreatedAt;
        await Assert.ThrowsAnyAsync<IOException>(() => Backup.TakeAsync(target, settings with { DataFolder = cli.Data }, main, analytics, at, _ => { }, Cancelled));
        Assert.Equal([made], Directory.GetDirectories(target));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Make(string name, string files = """[{"name":"main.db","bytes":0,"sha256":""}]""")
    {
        var folder = Path.Combine(_folder, name);
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, Backup.Manifest), $$"""{"createdAt":"2026-01-01T00:00:00+00:00","files":{{files}}}""");
        return folder;
    }
}
