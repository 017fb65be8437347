using Bioscope.Engine.Counting;
using Xunit;

namespace Bioscope.Engine.Tests.Counting;

public sealed class PageStateTests
{
    private static readonly DateTimeOffset Month = new(2026, 4, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly PageState Sound = new(Guid.Empty, Version: 3, Month, Month.AddHours(30), Visitors: 5,
        ShardBits: 2)
    { SegmentedUntil = Month.AddDays(1) };

    public static TheoryData<string> Damages => [.. Damaged.Keys];

    private static Dictionary<string, PageState> Damaged { get; } = new()
    {
        ["no version"] = Sound with { Version = -1 },
        ["fewer than no visitors"] = Sound with { Visitors = -1 },
        ["fewer than no bits"] = Sound with { ShardBits = -1 },
        ["more shards than allowed"] = Sound with { ShardBits = PageState.MaxShardBits + 1 },
        ["not from the start of a month"] = Sound with { SealedFrom = Month.AddHours(1) },
        ["not until a whole second"] = Sound with { SealedUntil = Month.AddHours(30).AddMilliseconds(1) },
        ["until before from"] = Sound with { SealedUntil = Month.AddHours(-1), SegmentedUntil = null },
        ["a start without an end"] = Sound with { SealedUntil = null, SegmentedUntil = null },
        ["an end without a start"] = Sound with { SealedFrom = null, SegmentedUntil = null },
        ["segments beyond what is sealed"] = Sound with { SegmentedUntil = Month.AddHours(31) },
        ["segments of what is not sealed"] = PageState.New(Guid.Empty) with { SegmentedUntil = Month },
    };

    [Theory]
    [MemberData(nameof(Damages))]
    public void A_state_that_cannot_be_is_damage(string damage) => Assert.Throws<FormatException>(Damaged[damage].Checked);

    [Fact]
    public void States_at_the_edge_of_what_can_be_are_sound()
    {
        PageState[] sound =
        [
            Sound,
            PageState.New(Guid.Empty),
            Sound with { SegmentedUntil = null },
            Sound with { SegmentedUntil = Sound.SealedUntil },
            Sound with { SealedUntil = Month, SegmentedUntil = null },
            Sound with { Version = 0, Visitors = 0, ShardBits = 0 },
            Sound with { ShardBits = PageState.MaxShardBits },
        ];

        Assert.All(sound, state => Assert.Same(state, state.Checked()));
    }

    [Fact]
    public void Damage_is_said_with_what_is_stored()
    {
        var message = Assert.Throws<FormatException>((Sound with { SealedFrom = Month.AddHours(1), SegmentedUntil = null }).Checked)
            .Message;
        var withSegments = Assert.Throws<FormatException>((Sound with { SegmentedUntil = Month.AddHours(31) }).Checked).Message;

        Assert.Equal(
            "sealed from 2026-04-01T01:00:00Z to 2026-04-02T06:00:00Z, version 3, 5 visitors in 2^2 shards is invalid: it must be from the start of a month to a later second",
            message);
        Assert.EndsWith(", with segments up to that second and not to 2026-04-02T07:00:00Z", withSegments, StringComparison.Ordinal);
        Assert.StartsWith("sealed from none to none", Assert.Throws<FormatException>(Damaged["segments of what is not sealed"].Checked)
            .Message, StringComparison.Ordinal);
    }
}
