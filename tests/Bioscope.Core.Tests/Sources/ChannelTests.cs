using Xunit;

namespace Bioscope.Core.Tests.Sources;

public sealed class ChannelTests
{
    [Theory]
    [InlineData("Organic Search", "Paid Search")]
    [InlineData("Paid Search", "Paid Search")]
    [InlineData("Organic Social", "Paid Social")]
    [InlineData("Messengers", "Paid Social")]
    [InlineData("Paid Social", "Paid Social")]
    [InlineData("Organic Video", "Paid Video")]
    [InlineData("Paid Video", "Paid Video")]
    [InlineData("Organic Shopping", "Paid Other")]
    [InlineData("Email", "Paid Other")]
    [InlineData(null, "Paid Other")]
    public void An_advertisement_has_the_paid_channel_of_its_source(string? channel, string paid) => Assert.Equal(paid, Channel.Paid(channel));

    [Fact]
    public void Each_channel_is_in_the_list_once()
    {
        var fields = typeof(Channel).GetFields().Select(field => (string)field.GetRawConstantValue()!);

        Assert.Equal(fields.Order(StringComparer.Ordinal), Channel.All.Order(StringComparer.Ordinal));
    }
}
