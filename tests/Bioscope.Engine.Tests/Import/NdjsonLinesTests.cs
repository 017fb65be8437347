using System.IO.Compression;
using System.Text;
using Bioscope.Engine.Import;
using CsCheck;
using Xunit;

namespace Bioscope.Engine.Tests.Import;

public sealed class NdjsonLinesTests
{
    private const int Mebibyte = 1024 * 1024;

    private static readonly string[] Parts = ["a", "bb", " ", "\t", "\r", "\n", "\n", "é", "{}"];

    [Theory]
    [InlineData("", "")]
    [InlineData("a", "1 a")]
    [InlineData("a\n", "1 a")]
    [InlineData("a\nb", "1 a|2 b")]
    [InlineData("a\r\nb\r\n", "1 a\r|2 b\r")]
    [InlineData("\n\na\n \t\r\nb\n", "3 a|5 b")] // blank lines are counted, and left out
    [InlineData("   ", "")]
    public async Task Lines_have_numbers_from_1(string text, string lines) =>
        Assert.Equal(lines, await ReadAsync(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public Task Compressed_lines_are_those_of_the_text() =>
        Gen.Int[0, Parts.Length - 1].Select(i => Parts[i]).Array[0, 40].Select(string.Concat).SampleAsync(async text =>
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            var expected = text.Split('\n').Select((line, i) => (Number: i + 1, Text: line))
                .Where(line => line.Text.Trim(' ', '\t', '\r').Length > 0);

            Assert.Equal(string.Join('|', expected.Select(line => $"{line.Number} {line.Text}")), await ReadAsync(bytes));
            Assert.Equal(await ReadAsync(bytes), await ReadAsync(Gzip(bytes)));
        });

    [Fact]
    public async Task A_line_over_a_mebibyte_is_skipped()
    {
        var text = $"a\n{new string('x', Mebibyte)}\n{new string('y', Mebibyte + 1)}\n{new string('z', 3 * Mebibyte)}\nb\n{new string('w', 2 * Mebibyte)}";
        var lines = await LinesAsync(Encoding.UTF8.GetBytes(text));

        Assert.Equal([(1, 1), (2, Mebibyte), (3, -1), (4, -1), (5, 1), (6, -1)],
            lines.Select(line => (line.Number, line.Text?.Length ?? -1)));
    }

    [Fact]
    public async Task Compressed_data_that_are_cut_off_are_an_error_after_the_lines_before()
    {
        var whole = Gzip(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 20_000).Select(i => $"line {i * 7919L % 100_003}\n"))));
        var lines = new List<long>();
        var failure = await Assert.ThrowsAsync<InvalidDataException>(async () =>
        {
            await foreach (var (number, _) in NdjsonLines.ReadAsync(new MemoryStream(whole[..(whole.Length / 2)]),
                TestContext.Current.CancellationToken))
            {
                lines.Add(number);
            }
        });

        Assert.NotEmpty(lines);
        Assert.True(lines.Count < 20_000);
        Assert.NotEmpty(failure.Message);
    }

    [Fact]
    public async Task Several_compressed_parts_are_read_as_one() =>
        Assert.Equal("1 a|2 bc|3 d", await ReadAsync([.. Gzip("a\nb"u8.ToArray()), .. Gzip("c\nd"u8.ToArray())]));

    [Fact]
    public async Task A_text_that_begins_like_gzip_only_by_one_byte_is_no_gzip() => Assert.Equal("1 \u001f", await ReadAsync([0x1F]));

    private static byte[] Gzip(byte[] bytes)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest))
        {
            gzip.Write(bytes);
        }

        return compressed.ToArray();
    }

    private static async Task<string> ReadAsync(byte[] bytes) =>
        string.Join('|', (await LinesAsync(bytes)).Select(line => $"{line.Number} {line.Text}"));

    private static async Task<List<(long Number, string? Text)>> LinesAsync(byte[] bytes)
    {
        var lines = new List<(long, string?)>();
        await foreach (var (number, line) in NdjsonLines.ReadAsync(new MemoryStream(bytes), TestContext.Current.CancellationToken))
        {
            lines.Add((number, line is { } read ? Encoding.UTF8.GetString(read.Span) : null));
        }

        return lines;
    }
}
