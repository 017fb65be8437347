using Bioscope.Engine.Storage.Sqlite;
using Microsoft.Data.Sqlite;
using Xunit;

namespace Bioscope.Engine.Tests.Storage;

/// <summary>Sentences for the operator, which say what happened and what to do.</summary>
public sealed class SqliteAdviceTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("bioscope-advice-");

    public void Dispose() => _folder.Delete(recursive: true);

    // Codes: https://www.sqlite.org/rescode.html.
    [Theory]
    [InlineData(5, "another program has locked the database")]
    [InlineData(6, "another program has locked the database")]
    [InlineData(8, "the database cannot be written")]
    [InlineData(10, "the disk failed to read or write (SQLite Error 10: 'x')")]
    [InlineData(11, "the database is damaged")]
    [InlineData(13, "the disk is full")]
    [InlineData(14, "the database cannot be written")]
    [InlineData(26, "the file is not a SQLite database")]
    public void A_failure_of_the_file_says_what_to_do(int code, string problem)
    {
        var advice = SqliteAdvice.For(new SqliteException($"SQLite Error {code}: 'x'", code, code + 256), "Main");

        Assert.StartsWith($"Main: {problem}", advice.Message, StringComparison.Ordinal);
        Assert.Contains(" To fix: ", advice.Message, StringComparison.Ordinal);
        Assert.Equal((code, code + 256), (advice.SqliteErrorCode, advice.SqliteExtendedErrorCode));
        Assert.False(SqliteAdvice.IsBare(advice)); // it is not explained a second time
    }

    [Fact]
    public void Any_other_failure_keeps_its_message()
    {
        var failure = new SqliteException("SQLite Error 1: 'no such table'.", 1);

        Assert.Equal("SQLite Error 1: 'no such table'.", SqliteAdvice.Of(failure));
        Assert.True(SqliteAdvice.IsBare(failure));
    }

    [Fact]
    public void A_folder_in_place_of_the_file_is_named_first() => Assert.StartsWith(
        $"{_folder.FullName}: this is a folder, not a file.",
        SqliteAdvice.ForFile(new SqliteException("SQLite Error 14", 14), _folder.FullName).Message, StringComparison.Ordinal);

    [Fact]
    public void A_missing_file_is_created_where_its_folder_can_be_written()
    {
        var file = Path.Combine(_folder.FullName, "not", "there", "yet.db");

        Assert.Equal(
            "the file does not exist; the first start creates it.", SqliteAdvice.Of(new SqliteException("SQLite Error 14", 14), file));
        Assert.Empty(_folder.EnumerateFileSystemInfos()); // looking leaves nothing behind
    }

    [Fact]
    public void A_file_in_place_of_a_folder_is_the_reason()
    {
        var inTheWay = Path.Combine(_folder.FullName, "data");
        File.WriteAllText(inTheWay, "");

        Assert.StartsWith(
            $"the file does not exist, and cannot be created: {inTheWay} is a file, not a folder. To fix: ",
            SqliteAdvice.Of(new SqliteException("SQLite Error 14", 14), Path.Combine(inTheWay, "main.db")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_there_lacks_permissions()
    {
        var file = Path.Combine(_folder.FullName, "main.db");
        File.WriteAllText(file, "");

        Assert.StartsWith(
            "the database cannot be written: permissions on the file are missing. To fix: ",
            SqliteAdvice.Of(new SqliteException("SQLite Error 8", 8), file), StringComparison.Ordinal);
    }
}
