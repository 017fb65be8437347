using Bioscope.Engine.Counting;
using Xunit;

namespace Bioscope.Engine.Tests.Counting;

public sealed class LongTailsTests
{
    private static readonly Guid One = Guid.NewGuid(), Other = Guid.NewGuid();

    [Theory]
    [InlineData(0, false)]
    [InlineData(511, false)]
    [InlineData(512, true)]
    [InlineData(1_000_000, true)]
    public void A_page_is_noted_from_512_raw_rows_on(long rows, bool isNoted)
    {
        var tails = new LongTails();
        tails.Note(One, rows);

        Assert.Equal(isNoted ? [One] : [], tails.Take());
    }

    [Fact]
    public void A_page_is_taken_once_however_often_it_was_noted()
    {
        var tails = new LongTails();
        tails.Note(One, 600);
        tails.Note(Other, 700);
        tails.Note(One, 800);

        Assert.Equal(new[] { One, Other }.Order(), tails.Take().Order());
        Assert.Empty(tails.Take());

        tails.Note(One, 600);
        Assert.Equal([One], tails.Take());
    }
}
