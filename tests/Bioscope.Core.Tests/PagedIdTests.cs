using CsCheck;
using Xunit;

namespace Bioscope.Core.Tests;

public sealed class PagedIdTests
{
    private static readonly Gen<DateTimeOffset> Times = Gen.Long[0, DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()]
        .Select(DateTimeOffset.FromUnixTimeMilliseconds);

    [Fact]
    public void An_id_is_a_version_7_UUID_of_its_page_and_time() => Gen.Select(Gen.Guid, Times, Gen.Int[0, 9_999]).Sample((page, at, ticks) =>
    {
        var time = at.Ticks + ticks <= DateTimeOffset.MaxValue.Ticks ? at.AddTicks(ticks) : at; // what is below a millisecond is not stored
        var (id, view) = (PagedId.NewSession(page, time), PagedId.NewPageView(page, time));

        return !PagedId.SaysPageView(id) && PagedId.SaysPageView(view) && PagedId.IsOf(view, page, time) && view.Version == 7
            && id.Version == 7 && id.Variant >> 2 == 0b10 && PagedId.TimeOf(id) == at && PagedId.NumberOf(id) == PagedId.NumberOf(page)
            && PagedId.IsOf(id, page) && PagedId.IsOf(id, page, time) && !PagedId.IsOf(id, page, at.AddMilliseconds(at.Ticks == 0 ? 1 : -1))
            && id.ToString().StartsWith($"{at.ToUnixTimeMilliseconds():x12}".Insert(8, "-"), StringComparison.Ordinal)
            && id.ToString()[28..] == page.ToString()[28..];
    });

    [Fact]
    public void Any_UUID_can_be_asked() => Gen.Guid.Sample(id =>
    {
        var at = PagedId.TimeOf(id);
        return id.Version == 7 && id.Variant >> 2 == 0b10 || at is null;
    });

    [Fact]
    public void A_time_after_the_year_9999_is_none()
    {
        Assert.Equal(new DateTimeOffset(9999, 12, 31, 23, 59, 59, 999, TimeSpan.Zero), PagedId.TimeOf(Guid.Parse("e677d21f-dbff-7000-8000-000000000000")));
        Assert.Null(PagedId.TimeOf(Guid.Parse("e677d21f-dc00-7000-8000-000000000000")));
        Assert.Null(PagedId.TimeOf(Guid.Parse("ffffffff-ffff-7fff-bfff-ffffffffffff")));
        Assert.Null(PagedId.TimeOf(Guid.AllBitsSet));
    }

    /// <summary>The 41 bits that neither time nor page nor version nor kind take.</summary>
    [Fact]
    public void The_other_bits_are_random()
    {
        var (page, at) = (Guid.NewGuid(), DateTimeOffset.UnixEpoch);
        var ids = Enumerable.Range(0, 20_000).Select(_ => PagedId.NewSession(page, at)).ToList();

        Assert.Equal(ids.Count, ids.Distinct().Count());
        var ones = new int[128];
        foreach (var id in ids)
        {
            var bytes = id.ToByteArray(bigEndian: true);
            for (var bit = 0; bit < 128; bit++)
            {
                ones[bit] += bytes[bit / 8] >> (7 - (bit % 8)) & 1;
            }
        }

        Assert.Equal(41, ones.Count(count => count is > 9_400 and < 10_600)); // eight standard deviations
        Assert.Equal(87, ones.Count(count => count is 0 or 20_000));
    }
}
