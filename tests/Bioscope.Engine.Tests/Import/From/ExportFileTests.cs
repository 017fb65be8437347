using System.IO.Compression;
using System.Text;
using Bioscope.Engine.Import.From;
using Xunit;

namespace Bioscope.Engine.Tests.Import.From;

public sealed class ExportFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("bioscope-file-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("abc")]
    [InlineData("PK")]
    [InlineData("PK\u0003\u0005 no archive")]
    [InlineData("hello, world")]
    public async Task A_plain_file_is_one_part(string text)
    {
        using var file = Open(Encoding.UTF8.GetBytes(text));

        Assert.Equal(text, Assert.Single(file.Parts).Head);
        Assert.Equal(text, await TextAsync(file.Parts[0])); // from the beginning, though it was looked at
    }

    [Fact]
    public async Task A_compressed_file_is_one_part()
    {
        var text = string.Concat(Enumerable.Range(0, 20_000).Select(i => $"line {i}\n"));
        using var file = Open(ExportReading.Gzip(Encoding.UTF8.GetBytes(text)));

        Assert.Equal(text[..(16 * 1024)], file.Parts[0].Head);
        Assert.Equal(text, await TextAsync(file.Parts[0]));
    }

    [Fact]
    public async Task An_archive_has_a_part_for_each_file_in_the_order_of_names()
    {
        using var file = Open(ExportReading.Zip(
            ("b.csv", "b"), ("__MACOSX/._b.csv", "x"), ("folder/", ""), ("B.csv", "B"), ("a/z.csv", "z")));

        Assert.Equal(["B", "z", "b"], await Task.WhenAll(file.Parts.Select(TextAsync)));
    }

    [Fact]
    public void An_empty_archive_has_no_parts()
    {
        using var file = Open(ExportReading.Zip());

        Assert.Empty(file.Parts);
        Assert.Null(ExportTool.Of(file));
    }

    [Theory]
    [InlineData(1_000, true)]
    [InlineData(1_001, false)]
    public void An_archive_has_at_most_a_thousand_files(int files, bool isRead)
    {
        using var zipped = new MemoryStream();
        using (var archive = new ZipArchive(zipped, ZipArchiveMode.Create))
        {
            for (var i = 0; i < files; i++)
            {
                archive.CreateEntry($"{i}", CompressionLevel.NoCompression);
            }
        }

        var failure = Record.Exception(() => Open(zipped.ToArray()).Dispose());

        Assert.Equal(isRead ? null : "the archive has more than 1000 files", failure?.Message);
        Assert.True(failure is null or InvalidDataException);
    }

    [Fact]
    public void A_cut_archive_is_an_error_of_the_file() =>
        Assert.Throws<InvalidDataException>(() => Open(ExportReading.Zip(("a", "text"))[..20]));

    [Fact]
    public async Task A_byte_order_mark_is_no_part_of_the_text()
    {
        using var file = Open(Encoding.UTF8.GetBytes("\uFEFFtext"));

        Assert.Equal("text", file.Parts[0].Head);
        Assert.Equal("text", await TextAsync(file.Parts[0]));
    }

    [Theory]
    [InlineData(64, true)]
    [InlineData(65, false)]
    public async Task A_file_that_is_read_at_once_has_up_to_64_MiB(int mebibytes, bool isRead)
    {
        var part = new ExportPart(() => new MemoryStream(new byte[mebibytes << 20]));
        var failure = await Record.ExceptionAsync(() => part.ReadAllAsync(TestContext.Current.CancellationToken));

        Assert.Equal(isRead, failure is null);
        Assert.True(failure is null or InvalidDataException);
    }

    // Lines that repeat shrink to a fiftieth. What is small may expand as it likes.
    [Theory]
    [InlineData(60, true)]
    [InlineData(70, false)]
    public async Task What_expands_far_beyond_its_size_is_an_error(int mebibytes, bool isRead)
    {
        using var file = Open(ExportReading.Gzip(new byte[mebibytes << 20]));
        var failure = await Record.ExceptionAsync(
            () => file.Parts[0].Open().CopyToAsync(Stream.Null, TestContext.Current.CancellationToken));

        Assert.Equal(isRead ? null : "the compressed data expands to more than 200 times its size", failure?.Message);
    }

    [Theory]
    [InlineData("umami", "Umami")]
    [InlineData("ga4", "Google Analytics")]
    [InlineData("tool-of-tomorrow", "tool-of-tomorrow")]
    public void A_tool_has_the_name_that_people_know(string name, string title) => Assert.Equal(title, ExportTool.TitleOf(name));

    private static async Task<string> TextAsync(ExportPart part) => Encoding.UTF8.GetString((await part.ReadAllAsync(default)).Span);

    private ExportFile Open(byte[] content)
    {
        var path = Path.Combine(_folder.FullName, Guid.NewGuid().ToString());
        File.WriteAllBytes(path, content);
        return ExportFile.Open(path);
    }
}
