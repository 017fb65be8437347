using Xunit;

namespace Bioscope.Core.Tests.UserAgents;

/// <summary>Words that the real user agents of <c>people.txt</c> lack, or have only beside another word for the same.</summary>
public sealed class UserAgentWordTests
{
    private const string Phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 ";
    private const string Android = "Mozilla/5.0 (Linux; Android 14; Pixel 8; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/126.0 Mobile ";

    [Theory]
    [InlineData("[FB_IAB/MESSENGER;FBAV/470.0;]", "Messenger")]
    [InlineData("[FB_IAB/Orca-Android;FBAV/470.0;]", "Messenger")]
    [InlineData("[FBAN/MessengerForiOS;FBAV/470.0;]", "Messenger")]
    [InlineData("[FBAN/Orca-Android]", "Messenger")]
    [InlineData("[FBAN/FBIOS;FBDV/iPhone15,2]", "Facebook")]
    [InlineData("[FBAV/450.0;FBSS/3]", "Facebook")]
    [InlineData("[FB_IAB/FB4A]", "Facebook")]
    [InlineData("Instagram 340.0 (iPhone15,2; FBAN/x)", "Instagram")]
    [InlineData("Barcelona 340.0 (iPhone15,2; FBAN/x)", "Threads")]
    [InlineData("aweme_29.1.0 BytedanceWebview/d8a21c6", "Douyin")]
    [InlineData("musical_ly_34.1.0 JsSdk/2.0", "TikTok")]
    [InlineData("musically_go_34.1.0", "TikTok")]
    [InlineData("trill_34.1.0", "TikTok")]
    [InlineData("TikTok 34.1.0 rv:341014", "TikTok")]
    [InlineData("BytedanceWebview/d8a21c6", "TikTok")]
    [InlineData("[Pinterest/iOS]", "Pinterest")]
    [InlineData("[Pinterest for Android/12.0]", "Pinterest")]
    [InlineData("Twitter for iPhone/10.4", "X")]
    [InlineData("TwitterAndroid", "X")]
    [InlineData("MicroMessenger/8.0 QQ/9.0", "WeChat")]
    [InlineData("V1_IPH_SQ_9.0 QQ/9.0.60", "QQ")]
    [InlineData("KAKAOTALK 10.7", "KakaoTalk")]
    [InlineData("KAKAOSTORY 7.1", "KakaoStory")]
    [InlineData("Discord/236.0", "Discord")]
    [InlineData("DISCORD 236.0", "Discord")]
    [InlineData("discord/0.0.305 Electron/28.2", "Discord")]
    [InlineData("com.vk.vkclient/1234", "VK")]
    [InlineData("VKiOS/8.80", "VK")]
    [InlineData("Mobile Zalo iOS/520", "Zalo")]
    [InlineData("Slack_SSB/4.38", "Slack")]
    [InlineData("Tumblr/iPhone/34.1", "Tumblr")]
    [InlineData("Weibo (iPhone15,2__weibo__14.1)", "Weibo")]
    [InlineData("iPhone15,2__weibo__14.1.0", "Weibo")]
    [InlineData("AlipayClient/10.5.96", "Alipay")]
    [InlineData("baiduboxapp/13.1", "Baidu")]
    public void An_app_is_known_by_what_it_adds(string added, string app)
    {
        var facts = UserAgent.Facts(Phone + added);

        Assert.Equal((app, app), (facts.InAppBrowser, facts.Browser));
    }

    [Theory]
    [InlineData("Chrome/126.0 Safari/537.36 OPX/2.5", "Opera")]
    [InlineData("OPiOS/16.0 Mobile/15E148 Safari/9537.53", "Opera")]
    [InlineData("Safari/537.36 Edge/18.19042", "Edge")]
    [InlineData("UCWEB/2.0 (Java; U; MIDP-2.0)", "UC Browser")]
    [InlineData("Chrome/78.0 UBrowser/7.0 Safari/537.36", "UC Browser")]
    [InlineData("Chrome/126.0 Whale/3.27 Safari/537.36", "Whale")]
    [InlineData("coc_coc_browser/126.0 Chrome/120.0 Safari/537.36", "Cốc Cốc")]
    [InlineData("Chrome/126.0 Safari/537.36 (Ecosia android@126.0)", "Ecosia")]
    [InlineData("Focus/8.1 Chrome/126.0", "Firefox")]
    [InlineData("Klar/8.1 Chrome/126.0", "Firefox")]
    [InlineData("Gecko/20100101 Firefox/68.0 SeaMonkey/2.53", "SeaMonkey")]
    [InlineData("Goanna/6.7 Firefox/115.0 PaleMoon/33.1", "Pale Moon")]
    [InlineData("Gecko/20100101 Firefox/115.0 Waterfox/6.0", "Waterfox")]
    [InlineData("PicoBrowser/3.3 Chrome/105.0 VR Safari/537.36", "Pico Browser")]
    [InlineData("(PLAYSTATION 3; 4.91)", "PlayStation Browser")]
    [InlineData("(BlackBerry; U; BlackBerry 9900; en) AppleWebKit/534.11 Version/7.1 Mobile Safari/534.11", "BlackBerry Browser")]
    [InlineData("(compatible; MSIE 9.0; Windows NT 6.1)", "Internet Explorer")]
    [InlineData("Ubuntu Chromium/126.0 Chrome/126.0 Safari/537.36", "Chromium")]
    [InlineData("(X11; Linux x86_64) AppleWebKit/605.1.15 Version/17.0 Safari/605.1.15", null)] // some browser without a name
    [InlineData("(Linux; U; Android 4.0) AppleWebKit/534.30 Version/4.0 Mobile Safari/534.30", "Android Browser")]
    [InlineData("(iPod touch; CPU iPhone OS 12_5) AppleWebKit/605.1.15 Mobile/15E148", "WebView")]
    [InlineData("(Macintosh) AppleWebKit/605.1.15 Version/17.5", "WebView")]
    [InlineData("(Macintosh) AppleWebKit/605.1.15 Safari/605.1.15", "WebView")]
    [InlineData("(Macintosh) Version/17.5 Safari/605.1.15", null)] // without the engine that all of them name
    public void A_browser_is_known_by_what_it_adds(string rest, string? browser) =>
        Assert.Equal(browser, UserAgent.Facts("Mozilla/5.0 " + rest).Browser);

    [Theory]
    [InlineData("(Windows NT 10.0; Win64; x64; XBOX_ONE_ED)", "Xbox", null)]
    [InlineData("(PLAYSTATION 3; 4.91)", "PlayStation", null)]
    [InlineData("(Windows NT 6.2; ARM; Trident/7.0; Touch; rv:11.0; WPDesktop; Lumia 950)", "Windows Phone", null)]
    [InlineData("(Windows Phone 10.0; Android 6.0.1)", "Windows Phone", "10.0")]
    [InlineData("(compatible; MSIE 9.0; Windows Phone OS 7.5)", "Windows Phone", "7.5")]
    [InlineData("(Web0S; Linux/SmartTV)", "webOS", null)]
    [InlineData("(webOS/1.4; U; en-US)", "webOS", null)]
    [InlineData("(hp-tablet; Linux; hpwOS/3.0.5)", "webOS", null)]
    [InlineData("AppleTV11,1/11.1", "tvOS", null)]
    [InlineData("(Apple TV; CPU OS 17_0)", "tvOS", null)]
    [InlineData("(tvOS 17.5)", "tvOS", null)]
    [InlineData("(iPod touch; CPU iPhone OS 12_5_7)", "iOS", "12.5.7")]
    [InlineData("(X11; Linux x86_64) PicoBrowser/3.3", "Android", null)]
    [InlineData("(X11; Linux x86_64) Silk/120.1", "Android", null)]
    [InlineData("(X11; Linux armv7l) Kindle/3.0", "Linux", null)]
    [InlineData("(BlackBerry; U; BlackBerry 9900)", "BlackBerry", null)]
    [InlineData("(PlayBook; U; RIM Tablet OS 2.1)", "BlackBerry", null)]
    [InlineData("(Symbian/3; Series60/5.2)", "Symbian", null)]
    [InlineData("(SymbOS; Series60/3.1)", "Symbian", null)]
    [InlineData("(Macintosh; PPC)", "macOS", null)]
    [InlineData("(X11; Mac OS X 10_14_6)", "macOS", "10.14.6")]
    [InlineData("(X11; OpenBSD amd64)", "OpenBSD", null)]
    [InlineData("(X11; FreeBSD amd64)", "FreeBSD", null)]
    [InlineData("(Linux; KAIOS/3.1)", "KaiOS", "3.1")]
    [InlineData("(Linux; Tizen 6.5)", "Tizen", "6.5")]
    [InlineData("(Phone; OpenHarmony 5.0)", "HarmonyOS", "5.0")]
    [InlineData("(Linux; HarmonyOS 4.0; Android 12)", "HarmonyOS", "4.0")]
    [InlineData("(Linux; U; Sailfish 4.5)", "Sailfish OS", "4.5")]
    [InlineData("(Windows NT 6.3)", "Windows", "8.1")]
    [InlineData("(Windows NT 6.2)", "Windows", "8")]
    [InlineData("(Windows NT 6.1)", "Windows", "7")]
    [InlineData("(Windows NT 6.0)", "Windows", "Vista")]
    [InlineData("(Windows NT 5.2)", "Windows", "XP")]
    [InlineData("(Windows NT 5.1)", "Windows", "XP")]
    public void A_system_is_known_by_its_word(string system, string name, string? version)
    {
        var facts = UserAgent.Facts("Mozilla/5.0 " + system);

        Assert.Equal((name, version), (facts.Os, facts.OsVersion));
    }

    [Theory]
    [InlineData("SMART-TV")]
    [InlineData("SMART_TV")]
    [InlineData("SmartTV")]
    [InlineData("Smart TV")]
    [InlineData("Smart-TV")]
    [InlineData("GoogleTV")]
    [InlineData("Google TV")]
    [InlineData("Android TV")]
    [InlineData("AndroidTV")]
    [InlineData("Apple TV")]
    [InlineData("AppleTV")]
    [InlineData("TV Safari")]
    [InlineData("HbbTV")]
    [InlineData("NetCast")]
    [InlineData("Web0S")]
    [InlineData("BRAVIA")]
    [InlineData("VIDAA")]
    [InlineData("CrKey")]
    [InlineData("Roku")]
    [InlineData("; AFTS")]
    [InlineData("PlayStation")]
    [InlineData("PLAYSTATION")]
    [InlineData("Xbox")]
    [InlineData("XBOX")]
    [InlineData("Nintendo")]
    [InlineData("OculusBrowser")]
    [InlineData("PicoBrowser")]
    public void Televisions_consoles_and_headsets_are_no_device(string word)
    {
        Assert.Equal(DeviceClass.Mobile, UserAgent.Device(Android));
        Assert.Null(UserAgent.Device(Android + word));
    }

    [Theory]
    [InlineData("(PlayBook; U; RIM OS)", DeviceClass.Tablet)]
    [InlineData("(Linux; Android 9) Silk/120.1", DeviceClass.Tablet)]
    [InlineData("(X11; Linux) Kindle/3.0", DeviceClass.Tablet)]
    [InlineData("(Windows NT 6.2; ARM; Tablet)", DeviceClass.Desktop)]
    [InlineData("(iPod touch)", DeviceClass.Mobile)]
    [InlineData("(Windows Phone 10.0)", DeviceClass.Mobile)]
    [InlineData("(Windows NT 6.2; WPDesktop)", DeviceClass.Mobile)]
    [InlineData("(Windows NT 6.2; Lumia 950)", DeviceClass.Mobile)]
    [InlineData("(Android; Opera Mini/36.2)", DeviceClass.Mobile)]
    [InlineData("(Linux; Opera Mobi/ADR)", DeviceClass.Mobile)]
    [InlineData("(KAIOS/3.1)", DeviceClass.Mobile)]
    [InlineData("(BlackBerry 9900)", DeviceClass.Mobile)]
    [InlineData("(Nokia 225)", DeviceClass.Mobile)]
    [InlineData("(Symbian/3)", DeviceClass.Mobile)]
    [InlineData("(SymbOS)", DeviceClass.Mobile)]
    [InlineData("(MIDP-2.0)", DeviceClass.Mobile)]
    [InlineData("(Macintosh) Mobile/15E148", DeviceClass.Tablet)]
    [InlineData("(Macintosh) CriOS/126.0", DeviceClass.Tablet)]
    [InlineData("(Macintosh) FxiOS/126.0", DeviceClass.Tablet)]
    [InlineData("(Macintosh) EdgiOS/126.0", DeviceClass.Tablet)]
    [InlineData("(Macintosh)", DeviceClass.Desktop)]
    [InlineData("(X11; CrOS)", DeviceClass.Desktop)]
    [InlineData("(CrOS x86_64)", DeviceClass.Desktop)]
    [InlineData("(Linux x86_64)", DeviceClass.Desktop)]
    [InlineData("(Linux i686)", DeviceClass.Desktop)]
    [InlineData("(Windows NT 10.0)", DeviceClass.Desktop)]
    public void A_device_is_known_by_its_word(string system, DeviceClass device) =>
        Assert.Equal(device, UserAgent.Device("Mozilla/5.0 " + system));

    [Fact]
    public void An_app_that_names_Android_without_a_browser_is_no_device()
    {
        Assert.Null(UserAgent.Device("Dalvik/2.1.0 (Linux; U; Android 14; Pixel 8)"));
        Assert.Equal(DeviceClass.Mobile, UserAgent.Device("Dalvik/2.1.0 (Linux; U; Android 14; Pixel 8) Mobile"));
    }
}
