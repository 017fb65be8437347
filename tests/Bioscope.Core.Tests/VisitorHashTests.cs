using Xunit;

namespace Bioscope.Core.Tests;

public sealed class VisitorHashTests
{
    // printf 'Zoë' | openssl dgst -sha256 -hmac 'secret of the test'
    [Fact]
    public void A_visitor_is_the_keyed_sha_256_of_the_id() =>
        Assert.Equal("53930ad7b1f4263e2a8188587d0ae99926708f7063ad77fe578e88ce947a8c7e", VisitorHash.Of("secret of the test"u8, "Zoë"));

    [Fact]
    public void The_same_id_under_another_key_is_another_hash() =>
        Assert.NotEqual(VisitorHash.Of("one"u8, "v"), VisitorHash.Of("two"u8, "v"));
}
