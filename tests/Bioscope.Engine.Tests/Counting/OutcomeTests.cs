using Bioscope.Engine.Counting;
using CsCheck;
using Xunit;

namespace Bioscope.Engine.Tests.Counting;

public sealed class OutcomeTests
{
    private static readonly Gen<(int PageViews, int Seconds)> Sessions = Gen.Select(Gen.Int[-1, 4], Gen.Int[-1, 4]);

    [Theory]
    [InlineData("0 0", "bounces 3, sessions 3")]
    [InlineData("1 0", "bounces 3, pageViews 3, sessions 3")]
    [InlineData("2 0", "pageViews 6, sessions 3")]
    [InlineData("2 1", "pageViews 6, seconds 3, sessions 3, timed 3")]
    [InlineData("1 40", "bounces 3, pageViews 3, seconds 120, sessions 3, timed 3")]
    [InlineData(" ", "sessions 3")]
    [InlineData(" 5", "seconds 15, sessions 3, timed 3")]
    [InlineData("5 ", "pageViews 15, sessions 3")]
    [InlineData("-1 -1", "sessions 3")]
    [InlineData("1.5 x", "sessions 3")]
    [InlineData("2147483648 2147483648", "sessions 3")]
    [InlineData("2147483647 2147483647", "pageViews 6442450941, seconds 6442450941, sessions 3, timed 3")]
    public void Three_sessions_of_a_kind_add_what_is_known_of_them(string kind, string sums)
    {
        var counts = new Counts();
        Outcome.Add(counts, kind, 3);

        Assert.Equal(sums, Shown(counts));
    }

    [Fact]
    public void A_change_leads_from_the_sums_before_to_those_after() => Gen.Select(Sessions, Sessions).Sample((before, after) =>
    {
        var sums = Sums(before);
        Change(before, after).AddTo(sums);
        Assert.Equal(Shown(Sums(after)), Shown(sums));

        Change(before, after).AddTo(sums, -1);
        Assert.Equal(Shown(Sums(before)), Shown(sums));
    });

    [Theory]
    [InlineData(-1, 0)] // unknown
    [InlineData(0, -1)]
    [InlineData(1, -1)]
    [InlineData(2, 0)]
    public void A_session_that_gets_a_second_page_view_is_a_bounce_no_longer(int pageViews, int bounces)
    {
        Assert.Equal(bounces, Change((pageViews, 0), (2, 0)).Bounces);
        Assert.Equal(-bounces, Change((2, 0), (pageViews, 0)).Bounces);
    }

    [Fact]
    public void A_change_as_text_adds_the_same() =>
        Gen.Select(Sessions, Sessions, Gen.OneOf(Gen.Const(1), Gen.Const(-1))).Sample((before, after, sign) =>
    {
        var change = Change(before, after);
        var (sums, bySums) = (new Counts(), new Counts());
        change.AddTo(sums, sign);
        OutcomeChange.AddSums($"{change.Bounces} {change.Timed} {change.Seconds} {change.PageViews}", bySums, sign);

        Assert.Equal(Shown(sums), Shown(bySums));
    });

    [Fact]
    public void A_change_names_its_session()
    {
        var (page, id, session, at) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid(), DateTimeOffset.UnixEpoch);

        Assert.Equal(
            new OutcomeChange(page, id, session, at, Bounces: -1, Timed: 1, Seconds: 30, PageViews: 2),
            OutcomeChange.Of(page, id, session, at, (1, 0), (3, 30)));
    }

    private static OutcomeChange Change((int PageViews, int Seconds) before, (int PageViews, int Seconds) after) =>
        OutcomeChange.Of(Guid.Empty, Guid.Empty, Guid.Empty, DateTimeOffset.UnixEpoch, before, after);

    private static Counts Sums((int PageViews, int Seconds) session)
    {
        var counts = new Counts();
        Outcome.Add(counts, FormattableString.Invariant($"{session.PageViews} {session.Seconds}"), 1);
        return counts;
    }

    private static string Shown(Counts counts) =>
        string.Join(", ", counts.ByValue.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key} {pair.Value}"));
}
