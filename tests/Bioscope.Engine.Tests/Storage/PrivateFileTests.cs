using Bioscope.Engine.Storage;
using Bioscope.Engine.Storage.Sqlite;
using Microsoft.Data.Sqlite;
using Xunit;

namespace Bioscope.Engine.Tests.Storage;

public sealed class PrivateFileTests : IDisposable
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string _folder = Directory.CreateTempSubdirectory("bioscope-tests-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_private_file_is_for_its_owner_alone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such modes.");
        var file = Path.Combine(_folder, "file");
        PrivateFile.Create(file).Dispose();

        Assert.Equal(Owner, File.GetUnixFileMode(file));
        Assert.False(PrivateFile.IsOpenToOthers(file));
        Assert.Throws<IOException>(() => PrivateFile.Create(file));
    }

    [Fact]
    public void A_private_folder_is_for_its_owner_alone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such modes.");
        var folder = Path.Combine(_folder, "a", "b");
        PrivateFile.CreateFolder(folder);

        Assert.Equal(Owner | UnixFileMode.UserExecute, File.GetUnixFileMode(folder));
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.GroupWrite)]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.OtherExecute)]
    public void A_file_that_others_may_use_is_narrowed(UnixFileMode others)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such modes.");
        var file = Path.Combine(_folder, "file");
        PrivateFile.Create(file).Dispose();
        File.SetUnixFileMode(file, Owner | others);

        Assert.True(PrivateFile.IsOpenToOthers(file));
        Assert.True(PrivateFile.TryNarrow(file));
        Assert.Equal(Owner, File.GetUnixFileMode(file));
        Assert.False(PrivateFile.TryNarrow(file));
    }

    [Fact]
    public void A_file_that_is_not_there_is_open_to_nobody()
    {
        Assert.False(PrivateFile.IsOpenToOthers(Path.Combine(_folder, "none")));
        Assert.False(PrivateFile.TryNarrow(Path.Combine(_folder, "none")));
    }

    [Theory]
    [InlineData(5, "another program has locked the database. To fix: ")]
    [InlineData(6, "another program has locked the database. To fix: ")]
    [InlineData(8, "the database cannot be written: its disk is read-only, or permissions are missing. To fix: ")]
    [InlineData(14, "the database cannot be written: its disk is read-only, or permissions are missing. To fix: ")]
    [InlineData(10, "the disk failed to read or write (why). To fix: ")]
    [InlineData(11, "the database is damaged. To fix: ")]
    [InlineData(13, "the disk is full. To fix: ")]
    [InlineData(26, "the file is not a SQLite database. To fix: ")]
    public void A_failure_says_what_happened_and_what_to_do(int code, string advice) =>
        Assert.StartsWith(advice, SqliteAdvice.Of(new SqliteException("why", code)), StringComparison.Ordinal);

    [Fact]
    public void A_failure_without_advice_keeps_its_own_words() => Assert.Equal("why", SqliteAdvice.Of(new SqliteException("why", 1)));

    [Fact]
    public void Advice_names_the_file_and_keeps_the_code()
    {
        var file = Path.Combine(_folder, "file.db");
        var failure = SqliteAdvice.ForFile(new SqliteException("why", 11, 267), file);

        Assert.StartsWith($"{file}: the database is damaged.", failure.Message, StringComparison.Ordinal);
        Assert.Equal((11, 267), (failure.SqliteErrorCode, failure.SqliteExtendedErrorCode));
        Assert.StartsWith("backup: the disk is full.", SqliteAdvice.For(new SqliteException("why", 13), "backup").Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_cannot_be_opened_says_what_is_in_the_way()
    {
        var cannotOpen = new SqliteException("why", 14);
        var file = Path.Combine(_folder, "file.db");

        Assert.StartsWith("this is a folder, not a file.", SqliteAdvice.Of(cannotOpen, _folder), StringComparison.Ordinal);
        Assert.Equal("the file does not exist; the first start creates it.", SqliteAdvice.Of(cannotOpen, file));
        Assert.Equal("the file does not exist; the first start creates it.",
            SqliteAdvice.Of(cannotOpen, Path.Combine(_folder, "a", "b", "file.db")));
        File.WriteAllText(file, "");
        Assert.StartsWith("the database cannot be written: permissions on the file are missing. To fix: ", SqliteAdvice.Of(cannotOpen, file),
            StringComparison.Ordinal);
        Assert.StartsWith(
            $"the file does not exist, and cannot be created: {file} is a file, not a folder. To fix: ",
            SqliteAdvice.Of(cannotOpen, Path.Combine(file, "inner.db")),
            StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder, ".bioscope-*"));
    }

    [Theory]
    [InlineData("SQLite Error 5: 'database is locked'.", true)]
    [InlineData("stats.db: another program has locked the database.", false)]
    public void The_drivers_own_message_is_bare(string message, bool isBare) =>
        Assert.Equal(isBare, SqliteAdvice.IsBare(new SqliteException(message, 5)));
}
