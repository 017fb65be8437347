using Xunit;

namespace Bioscope.Core.Tests;

public sealed class VisitorHashTests
{
    // printf 'Zoë' | openssl dgst -sha256 -hmac 'secret of the test'
    [Fact]
    public void A_visitor_hash_is_the_HMAC_SHA256_of_the_id() =>
        Assert.Equal("53930ad7b1f4263e2a8188587d0ae99926708f7063ad77fe578e88ce947a8c7e", VisitorHash.Of("secret of the test"u8, "Zoë"));

    [Fact]
    public void Another_key_gives_another_visitor_hash() =>
        Assert.NotEqual(VisitorHash.Of("one"u8, "v"), VisitorHash.Of("two"u8, "v"));
}
