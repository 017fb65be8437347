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

    // printf 'bioscope' | sha256sum, with the bits of version and variant
    [Fact]
    public void A_named_id_is_the_hash_of_its_name() => Assert.Equal(NamedByHand("bioscope"), Uuid.Named("bioscope").ToString());

    [Fact]
    public void What_is_no_UUID_gives_the_empty_one()
    {
        Assert.False(Uuid.TryParse("0189f7a3-5b7c-7d4e-8f90-1234567890ag", out var id));
        Assert.Equal(Guid.Empty, id);
    }

    [Theory]
    [InlineData(8)]
    [InlineData(13)]
    [InlineData(18)]
    [InlineData(23)]
    public void A_hyphen_stands_at_each_of_its_four_places_only(int place)
    {
        const string Id = "0189f7a3-5b7c-7d4e-8f90-1234567890ab";

        Assert.False(Uuid.TryParse(Id.Remove(place, 1).Insert(place, "0"), out _));
        Assert.False(Uuid.TryParse(Id.Remove(place - 1, 1).Insert(place - 1, "-"), out _));
    }

    private static string NamedByHand(string name)
    {
        var hex = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(name)));
        var variant = "89ab"[Convert.ToInt32(hex[16..17], 16) & 3];
        return $"{hex[..8]}-{hex[8..12]}-8{hex[13..16]}-{variant}{hex[17..20]}-{hex[20..32]}";
    }
}
