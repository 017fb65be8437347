using Xunit;

namespace Bioscope.Core.Tests;

public sealed class EmbeddedTextTests
{
    [Fact]
    public void Lines_are_without_comments_blank_lines_and_blanks_at_their_ends()
    {
        var lines = EmbeddedText.Lines(typeof(Days).Assembly, "sources.txt").ToList();
        var text = EmbeddedText.Read(typeof(Days).Assembly, "sources.txt");

        Assert.Contains('#', text);
        Assert.NotEmpty(lines);
        Assert.All(lines, line => Assert.True(line.Length > 0 && line[0] != '#' && line == line.Trim()
            && text.Contains(line, StringComparison.Ordinal)));
    }

    [Fact]
    public void A_text_that_is_not_embedded_is_named() =>
        Assert.Contains("no.txt", Assert.Throws<ArgumentException>(() => EmbeddedText.Read(typeof(Days).Assembly, "no.txt")).Message,
            StringComparison.Ordinal);
}
