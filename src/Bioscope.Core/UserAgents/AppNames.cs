namespace Bioscope.Core;

/// <summary>Apps that show pages in their own browser, by what they add to its user agent.</summary>
internal static class AppNames
{
    private static readonly NamedWords Apps = new(
        // Messenger writes itself as one of Facebook's apps.
        ("FBAN/Messenger", "Messenger"), ("FB_IAB/MESSENGER", "Messenger"), ("FB_IAB/Orca", "Messenger"), ("FBAN/Orca", "Messenger"),
        ("Instagram", "Instagram"),
        // Threads was built under this name.
        ("Barcelona ", "Threads"),
        ("FBAN/", "Facebook"), ("FBAV/", "Facebook"), ("FB_IAB/", "Facebook"), ("MetaIAB Facebook", "Facebook"),
        // Both use ByteDance's engine; musical_ly is TikTok's old name, trill its Asian edition.
        ("aweme", "Douyin"),
        ("musical_ly", "TikTok"), ("musically_go", "TikTok"), ("trill_", "TikTok"), ("TikTok", "TikTok"), ("BytedanceWebview", "TikTok"),
        ("Snapchat", "Snapchat"),
        ("LinkedInApp", "LinkedIn"),
        ("Pinterest/", "Pinterest"), ("Pinterest for", "Pinterest"),
        ("Twitter for ", "X"), ("TwitterAndroid", "X"),
        ("WhatsApp/", "WhatsApp"),
        ("Telegram", "Telegram"),
        ("Reddit/", "Reddit"),
        ("com.google.android.youtube", "YouTube"), ("com.google.ios.youtube", "YouTube"),
        ("GSA/", "Google app"),
        ("MicroMessenger/", "WeChat"),
        // After WeChat, which also lists QQ's engine.
        (" QQ/", "QQ"),
        (" Line/", "LINE"),
        ("KAKAOTALK", "KakaoTalk"), ("KAKAOSTORY", "KakaoStory"),
        ("NAVER(inapp", "Naver"),
        ("discord/", "Discord"), ("Discord/", "Discord"), ("Discord-", "Discord"),
        ("VKAndroidApp", "VK"), ("com.vk.vkclient", "VK"), ("VKiOS", "VK"),
        ("Viber/", "Viber"), (" Zalo", "Zalo"), ("Slack/", "Slack"), ("Slack_SSB/", "Slack"), ("Tumblr/", "Tumblr"),
        ("Weibo", "Weibo"), ("weibo", "Weibo"), ("AlipayClient/", "Alipay"), ("baiduboxapp", "Baidu"));

    public static string? Read(ReadOnlySpan<char> text) => Apps.FirstIn(text);
}
