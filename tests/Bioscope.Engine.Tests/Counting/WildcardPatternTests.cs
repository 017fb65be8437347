using System.Diagnostics;
using Bioscope.Engine.Counting;
using CsCheck;
using Xunit;

namespace Bioscope.Engine.Tests.Counting;

public sealed class WildcardPatternTests
{
    [Theory]
    [InlineData("summer", "summer", true)]
    [InlineData("summer", "summer-sale", false)] // the whole value
    [InlineData("summer", "Summer", false)] // case-sensitive
    [InlineData("summer*", "summer", true)]
    [InlineData("summer*", "summer-sale", true)]
    [InlineData("*sale", "summer-sale", true)]
    [InlineData("*sale", "summer-sale-2", false)]
    [InlineData("*mm*", "summer", true)]
    [InlineData("s*r", "summer", true)]
    [InlineData("ab*ba", "aba", false)] // the two ends cannot share letters
    [InlineData("ab*ba", "abba", true)]
    [InlineData("*a*b*", "ba", false)]
    [InlineData("*", "", true)]
    [InlineData("**", "anything", true)]
    [InlineData("", "", true)]
    [InlineData("", "a", false)]
    [InlineData("a?c", "abc", false)] // only the star is special
    [InlineData("a?c", "a?c", true)]
    [InlineData(@"a\*c", @"a\bc", true)] // there is no escape
    [InlineData("[ab].+", "[ab].+", true)]
    public void Only_the_star_is_special(string pattern, string text, bool matches) =>
        Assert.Equal(matches, new WildcardPattern(pattern).Matches(text));

    [Fact]
    public void Matching_agrees_with_a_naive_matcher() =>
        Gen.Select(Gen.Char["ab*"].Array[0, 8], Gen.Char["ab"].Array[0, 10]).Sample((pattern, text) =>
            new WildcardPattern(new string(pattern)).Matches(text) == MatchesByTrying(pattern, text), iter: 20_000);

    [Fact]
    public void A_pattern_with_many_stars_is_fast()
    {
        var pattern = new WildcardPattern(string.Concat(Enumerable.Repeat("*a", 499)) + "*b");
        var text = new string('a', 100_000);
        var watch = Stopwatch.StartNew();

        Assert.False(pattern.Matches(text));
        Assert.False(new WildcardPattern(string.Concat(Enumerable.Repeat("*aab", 249)) + "*").Matches(text));

        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(10));
    }

    private static bool MatchesByTrying(ReadOnlySpan<char> pattern, ReadOnlySpan<char> text)
    {
        if (pattern.IsEmpty)
        {
            return text.IsEmpty;
        }

        if (pattern[0] != '*')
        {
            return !text.IsEmpty && text[0] == pattern[0] && MatchesByTrying(pattern[1..], text[1..]);
        }

        for (var run = 0; run <= text.Length; run++)
        {
            if (MatchesByTrying(pattern[1..], text[run..]))
            {
                return true;
            }
        }

        return false;
    }
}
