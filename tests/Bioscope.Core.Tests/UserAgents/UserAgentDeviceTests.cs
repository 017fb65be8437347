using Xunit;

namespace Bioscope.Core.Tests.UserAgents;

public class UserAgentDeviceTests
{
    [Fact]
    public void Every_real_browser_has_its_device()
    {
        Assert.Empty(
            from person in UserAgentFiles.People
            let told = UserAgent.Device(person.UserAgent)
            where told != person.Facts.Device
            select $"{told?.ToString() ?? "nothing"}: {person.UserAgent}");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("Mozilla/5.0 (compatible; Something/1.0)")]
    public void A_user_agent_without_a_device_gives_none(string? userAgent) => Assert.Null(UserAgent.Device(userAgent));

    [Theory]
    [InlineData("Mozilla/5.0 (Linux; Android 14; Pixel 8) Chrome/126.0.0.0 Mobile Safari/537.36", DeviceClass.Mobile)]
    [InlineData("Mozilla/5.0 (Linux; Android 14; Pixel Slate) Chrome/126.0.0.0 Safari/537.36", DeviceClass.Tablet)]
    public void Android_says_Mobile_on_phones_only(string userAgent, DeviceClass expected) =>
        Assert.Equal(expected, UserAgent.Device(userAgent));

    [Fact]
    public void Windows_with_its_Tablet_PC_component_is_a_desktop() =>
        Assert.Equal(DeviceClass.Desktop, UserAgent.Device("Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1; Tablet PC 2.0)"));

    [Fact]
    public void A_Mac_that_says_Mobile_is_an_iPad() =>
        Assert.Equal(DeviceClass.Tablet, UserAgent.Device("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Mobile/15E148"));

    [Fact]
    public void An_iPad_in_desktop_mode_counts_as_a_Mac() =>
        Assert.Equal(DeviceClass.Desktop, UserAgent.Device("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/17.5 Safari/605.1.15"));

    [Theory]
    [InlineData("Puffin/9.7AP", DeviceClass.Mobile)]
    [InlineData("Puffin/9.7IT and more", DeviceClass.Tablet)]
    [InlineData("Puffin/9.7", DeviceClass.Desktop)]
    [InlineData("Puffin/", DeviceClass.Desktop)]
    public void Puffin_has_the_device_behind_its_data_centre(string ending, DeviceClass expected) =>
        Assert.Equal(expected, UserAgent.Device($"Mozilla/5.0 (X11; Linux x86_64) Chrome/79.0 Safari/537.36 {ending}"));

    [Fact]
    public void Puffin_may_name_itself_first() => Assert.Equal(DeviceClass.Tablet, UserAgent.Device("Puffin/9.7AT (X11; Linux x86_64)"));

    [Fact]
    public void Only_the_first_1024_characters_are_read()
    {
        Assert.Equal(DeviceClass.Tablet, UserAgent.Device(new string('x', 1_024 - 4) + "iPad"));
        Assert.Null(UserAgent.Device(new string('x', 1_024 - 3) + "iPad"));
    }
}
