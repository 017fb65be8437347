using CsCheck;
using Xunit;

namespace Bioscope.Core.Tests;

public sealed class UuidTests
{
    [Fact]
    public void A_UUID_is_parsed_in_upper_or_lower_case() => Gen.Guid.Sample(id =>
        Uuid.TryParse(id.ToString(), out var lower) && lower == id && Uuid.TryParse(id.ToString().ToUpperInvariant(), out var upper)
            && upper == id);

    [Theory]
    [InlineData("")]
    [InlineData("0189f7a35b7c7d4e8f901234567890ab")]
    [InlineData("{0189f7a3-5b7c-7d4e-8f90-1234567890ab}")]
    [InlineData("(0189f7a3-5b7c-7d4e-8f90-1234567890ab)")]
    [InlineData("urn:uuid:0189f7a3-5b7c-7d4e-8f90-1234567890ab")]
    [InlineData(" 0189f7a3-5b7c-7d4e-8f90-1234567890ab")]
    [InlineData("0189f7a3-5b7c-7d4e-8f90-1234567890a ")]
    [InlineData("0189f7a3-5b7c-7d4e-8f90-1234567890ag")]
    [InlineData("0x89f7a3-5b7c-7d4e-8f90-1234567890ab")]
    [InlineData("+189f7a3-5b7c-7d4e-8f90-1234567890ab")]
    [InlineData("0189f7a35-b7c-7d4e-8f90-1234567890ab")]
    [InlineData("０189f7a3-5b7c-7d4e-8f90-1234567890ab")]
    public void Every_other_spelling_is_refused(string text) => Assert.False(Uuid.TryParse(text, out _));

    [Fact]
    public void A_named_id_is_deterministic_and_has_its_version()
    {
        var id = Uuid.Named("bioscope");

        Assert.Equal(id, Uuid.Named("bioscope"));
        Assert.NotEqual(id, Uuid.Named("Bioscope"));
        Assert.Equal((8, 0b10), (id.Version, id.Variant >> 2));
    }
}
