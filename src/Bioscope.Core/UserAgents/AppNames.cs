namespace Bioscope.Core;

/// <summary>
/// Apps that show pages in their own browser, by what they add to its user agent, in any case. Each name is one of a known source. Browsers
/// are not apps: a visit in one says nothing about where it came from.
/// </summary>
/// <remarks>Most words end in what follows an app's name, because crawlers begin alike: <c>Twitterbot</c>, <c>Pinterestbot</c>.</remarks>
internal static class AppNames
{
    private static readonly NamedWords Apps = NamedWords.AtStart(
        // Meta's. Messenger writes itself as one of Facebook's apps; Threads was built under the name of Barcelona.
        ("FBAN/Messenger", "Messenger"), ("FB_IAB/MESSENGER", "Messenger"), ("FB_IAB/Orca", "Messenger"), ("FBAN/Orca", "Messenger"),
        ("FBAN/mLite", "Messenger"), ("MetaIAB Messenger", "Messenger"), ("FBAN/Work", "Workplace"), ("FB_IAB/Work", "Workplace"),
        ("Instagram|", "Instagram"), ("MetaIAB Instagram", "Instagram"), ("FBAN/Instagram", "Instagram"), ("InstagramLite", "Instagram"),
        ("Barcelona ", "Threads"), ("Barcelona/", "Threads"), ("MetaIAB Threads", "Threads"), ("FBAN/Barcelona", "Threads"),
        ("FBAN/", "Facebook"), ("FBAV/", "Facebook"), ("FB_IAB/", "Facebook"), ("FBIOS;", "Facebook"), ("FB4A;", "Facebook"),
        ("MetaIAB Facebook", "Facebook"), ("WhatsApp/", "WhatsApp"),

        // ByteDance's other apps have the engine by which TikTok is known; musical_ly is its old name, trill its Asian edition.
        ("aweme", "Douyin"), ("AppName/aweme", "Douyin"), ("DouyinLite", "Douyin"), ("Douyin", "Douyin"), ("Lemon8", "Lemon8"),
        ("AppName/nproject", "Lemon8"), ("nproject_", "Lemon8"), ("CapCut", "CapCut"), ("AppName/vicut", "CapCut"), ("vicut_", "CapCut"),
        ("videocut_", "CapCut"), ("NewsArticle/", "Toutiao"), ("NewsLite/", "Toutiao"), ("Toutiao", "Toutiao"),
        ("VideoArticle/", "Xigua Video"), ("AppName/helo", "Helo"), ("Helo/", "Helo"), ("Doubao/", "Doubao"), ("AppName/nova", "Doubao"),
        ("musical_ly", "TikTok"), ("musically_go", "TikTok"), ("ultralite", "TikTok"), ("trill_", "TikTok"), ("trill/", "TikTok"),
        ("AppName/trill", "TikTok"), ("tiktok_lite", "TikTok"), ("TikTok", "TikTok"), ("com.zhiliaoapp.musically", "TikTok"),
        ("com.ss.android.ugc.trill", "TikTok"), ("BytedanceWebview", "TikTok"), ("Feishu/", "Feishu"), ("Lark/", "Lark"),

        // Social networks and communities.
        ("Snapchat|", "Snapchat"), ("LinkedInApp", "LinkedIn"), ("LinkedIn|", "LinkedIn"), ("com.linkedin.", "LinkedIn"),
        ("Pinterest/", "Pinterest"), ("Pinterest for", "Pinterest"), ("Twitter for ", "X"), ("TwitterAndroid", "X"), ("Twitter|", "X"),
        ("TwitteriOS", "X"), ("X for iPhone", "X"), ("X for iPad", "X"), ("X for Android", "X"), ("Reddit|", "Reddit"),
        ("RedditiOS", "Reddit"), ("com.reddit.", "Reddit"), ("Tumblr|", "Tumblr"), ("Tumblr for", "Tumblr"), ("Quora|", "Quora"),
        ("QuoraiOS", "Quora"), ("Nextdoor|", "Nextdoor"), ("Bluesky|", "Bluesky"), ("xyz.blueskyweb", "Bluesky"),
        ("TruthSocial", "Truth Social"), ("Truth Social/", "Truth Social"), ("Truth Social ", "Truth Social"), ("Gettr/", "Gettr"),
        ("Parler/", "Parler"), ("Minds/", "Minds"), ("MeWe/", "MeWe"), ("BeReal|", "BeReal"), ("Mastodon|", "Mastodon"),
        ("MastodoniOS", "Mastodon"), ("Clubhouse/", "Clubhouse"), ("Likee/", "Likee"), ("Yubo/", "Yubo"), ("Koo/", "Koo"),
        ("KooApp", "Koo"), ("Poshmark|", "Poshmark"), ("ShareChat", "ShareChat"), ("MojApp", "Moj"), ("Moj/", "Moj"),
        ("in.mohalla.sharechat", "ShareChat"), ("in.mohalla.video", "Moj"), ("Tinder/", "Tinder"), ("Bumble/", "Bumble"),
        ("Meetup/", "Meetup"), ("Strava|", "Strava"), ("Wattpad|", "Wattpad"), ("Letterboxd|", "Letterboxd"), ("Goodreads|", "Goodreads"),
        ("9GAG/", "9GAG"), ("Imgur/", "Imgur"), ("Flickr/", "Flickr"), ("Yelp/", "Yelp"), ("Tripadvisor/", "Tripadvisor"),
        ("Substack|", "Substack"), ("Medium/", "Medium"), ("Patreon|", "Patreon"), ("XING/", "Xing"), ("XINGApp", "Xing"),
        ("Plurk/", "Plurk"),

        // Eastern Europe.
        ("VKAndroidApp", "VK"), ("com.vk.", "VK"), ("VKiOS", "VK"), ("VKApp", "VK"), ("VK-iOS", "VK"), ("VK/", "VK"),
        ("Odnoklassniki", "Odnoklassniki"), ("OKApp", "Odnoklassniki"), ("OKAndroid", "Odnoklassniki"), ("OKiOS", "Odnoklassniki"),
        ("ru.ok.android", "Odnoklassniki"), ("YandexSearch/", "Yandex"), ("YaApp_", "Yandex"), ("YaSearchApp", "Yandex"),
        ("YandexSearchBrowser", "Yandex"), ("Dzen/", "Dzen"), ("ZenKit/", "Dzen"), ("MailRuMail", "Mail.ru Mail"), ("RUTUBE", "Rutube"),

        // China.
        ("wxwork/", "WeCom"), ("MicroMessenger/", "WeChat"), ("Weixin ", "WeChat"), ("WindowsWechat", "WeChat"),
        // After WeChat, which also lists QQ's engine.
        ("Qzone/", "Qzone"), ("QQ/", "QQ"), ("QQMail", "QQ Mail"), ("Weibo", "Weibo"), ("ksNebula", "Kuaishou"), ("Kwai_Pro", "Kwai"),
        ("KwaiPro", "Kwai"), ("KwaiLite", "Kwai"), ("com.kwai.video", "Kwai"), ("SnackVideo", "SnackVideo"), ("Kuaishou", "Kuaishou"),
        ("Kwai/", "Kuaishou"), ("Kwai-", "Kuaishou"), ("xhsdiscover", "Xiaohongshu"), ("XiaoHongShu", "Xiaohongshu"),
        ("xhsminiweb", "Xiaohongshu"), ("com.xingin.", "Xiaohongshu"), ("BiliApp", "Bilibili"), ("bili-", "Bilibili"),
        ("BiliComic", "Bilibili"), ("Bilibili", "Bilibili"), ("tv.danmaku", "Bilibili"), ("ZhihuHybrid", "Zhihu"),
        ("com.zhihu.", "Zhihu"), ("osee2unifiedRelease", "Zhihu"), ("Zhihu/", "Zhihu"), ("com.douban.", "Douban"), ("Douban", "Douban"),
        ("tieba/", "Baidu Tieba"), ("bdtb", "Baidu Tieba"), ("baiduboxapp", "Baidu"), ("baiduboxlite", "Baidu"), ("baidulite", "Baidu"),
        ("AliApp(DingTalk", "DingTalk"), ("DingTalk", "DingTalk"), ("com.laiwang.DingTalk", "DingTalk"), ("AlipayClient", "Alipay"),
        ("AliApp(AP", "Alipay"), ("AlipayDefined", "Alipay"), ("AliApp(TB", "Taobao"), ("AliApp(LT", "Taobao"), ("Taobao", "Taobao"),
        ("AliApp(TM", "Tmall"), ("Tmall", "Tmall"), ("AliApp(LA", "Lazada"), ("AliApp(AE", "AliExpress"), ("AliExpress", "AliExpress"),
        ("AliApp(AliBaba", "Alibaba"), ("jdapp", "JD.com"), ("jdltapp", "JD.com"), ("Pinduoduo", "Pinduoduo"), ("phh_", "Pinduoduo"),
        ("MeituanGroup", "Meituan"), ("Meituan", "Meituan"), ("dianping", "Dianping"), ("Hupu/", "Hupu"), ("QQMusic/", "QQ Music"),
        ("NeteaseMusic", "NetEase Music"), ("CloudMusic/", "NetEase Music"), ("QQLiveBrowser", "Tencent Video"), ("Kimi/", "Kimi"),
        ("KimiApp", "Kimi"),

        // Japan, Korea, South-East Asia.
        ("LINE NEWS", "LINE NEWS"), ("Line/", "LINE"), ("LIFF", "LINE"), ("KAKAOTALK", "KakaoTalk"), ("KAKAOSTORY", "KakaoStory"),
        ("BAND/", "BAND"), ("NAVER(inapp; blog", "Naver Blog"), ("NAVER(inapp; cafe", "Naver Cafe"), ("NaverCafe", "Naver Cafe"),
        ("NAVER(inapp; band", "BAND"), ("NAVER(", "Naver"), ("NAVER/", "Naver"), ("NAVERApp", "Naver"), ("DaumApps", "Daum"),
        ("DaumDevice", "Daum"), ("Coupang", "Coupang"), ("Gmarket", "Gmarket"), ("11st|", "11st"), ("Karrot", "Karrot"),
        ("Daangn", "Karrot"), ("Weverse", "Weverse"), ("YJApp", "Yahoo! Japan"), ("jp.co.yahoo.", "Yahoo! Japan"),
        ("YahooJapan", "Yahoo! Japan"), ("SmartNews", "SmartNews"), ("Gunosy", "Gunosy"), ("Inshorts/", "Inshorts"), ("zumapp", "Zum"),
        ("everytimeApp", "Everytime"), ("HatenaBookmark", "Hatena"), ("Hatena-Bookmark", "Hatena"), ("Hatena Bookmark", "Hatena"),
        ("Hatena/", "Hatena"), ("mixi/", "mixi"), ("mixi-", "mixi"), ("Ameba", "Ameba"), ("pixiv", "pixiv"), ("niconico", "Niconico"),
        ("Nicovideo", "Niconico"), ("Rakuten", "Rakuten"), ("Mercari", "Mercari"), ("jp.mercari", "Mercari"), ("ZOZOTOWN", "ZOZOTOWN"),
        ("Zalo|", "Zalo"), ("ZaloTheme", "Zalo"), ("Shopee", "Shopee"), ("Lazada", "Lazada"), ("Tokopedia", "Tokopedia"),
        ("tkpd/", "Tokopedia"), ("Dcard", "Dcard"), ("BigoLive", "Bigo Live"), ("Bigo/", "Bigo Live"),

        // Messengers and mail.
        ("Telegram|", "Telegram"), ("TelegramiOS", "Telegram"), ("org.telegram.", "Telegram"), ("Discord|", "Discord"),
        ("DiscordiOS", "Discord"), ("Viber|", "Viber"), ("Slack|", "Slack"), ("Slack_SSB/", "Slack"), ("com.tinyspeck.", "Slack"),
        ("Skype/", "Skype"), ("Signal/", "Signal"), ("Signal-", "Signal"), ("imo/", "imo"), ("Kik/", "Kik"), ("GroupMe/", "GroupMe"),
        ("TeamsMobile", "Microsoft Teams"), ("Teams/", "Microsoft Teams"), ("MicrosoftTeams", "Microsoft Teams"), ("Outlook-", "Outlook"),
        ("Outlook/", "Outlook"), ("OutlookMobile", "Outlook"), ("com.microsoft.office.outlook", "Outlook"),
        ("Microsoft Outlook", "Outlook"), ("Gmail/", "Gmail"), ("com.google.Gmail", "Gmail"), ("YahooMail", "Yahoo Mail"),
        ("Yahoo Mail/", "Yahoo Mail"), ("YahooMobileMail", "Yahoo Mail"), ("ProtonMail/", "Proton Mail"),

        // Search and assistants, video and music.
        ("GSA/", "Google app"), ("GoogleNews/", "Google News"), ("GoogleApp/", "Google app"), ("BingSapphire", "Bing"),
        ("BingWeb/", "Bing"), ("Bing/", "Bing"), ("Sapphire/", "Bing"), ("BingApp", "Bing"), ("YahooMobile", "Yahoo"),
        ("YahooApp", "Yahoo"), ("com.yahoo.", "Yahoo"), ("ChatGPT|", "ChatGPT"), ("com.openai.", "ChatGPT"),
        ("Perplexity|", "Perplexity"), ("PerplexityiOS", "Perplexity"), ("Claude/", "Claude"), ("ClaudeApp", "Claude"),
        ("Copilot/", "Copilot"), ("DeepSeek/", "DeepSeek"), ("Grok/", "Grok"), ("GrokApp", "Grok"),
        ("com.google.android.youtube", "YouTube"), ("com.google.ios.youtube", "YouTube"), ("com.google.android.apps.youtube", "YouTube"),
        ("YouTube/", "YouTube"), ("YouTubeMusic", "YouTube"), ("Twitch|", "Twitch"), ("tv.twitch", "Twitch"), ("Vimeo|", "Vimeo"),
        ("Dailymotion|", "Dailymotion"), ("Rumble/", "Rumble"), ("Odysee/", "Odysee"), ("KickApp", "Kick"), ("Spotify|", "Spotify"),
        ("SoundCloud|", "SoundCloud"), ("Deezer|", "Deezer"), ("Bandcamp/", "Bandcamp"), ("Shazam|", "Shazam"),

        // Shops and news.
        ("AmazonWebView", "Amazon"), ("AmazonShopping", "Amazon"), ("Amazon.com/", "Amazon"), ("com.amazon.mShop", "Amazon"),
        ("Etsy/", "Etsy"), ("EtsyInc", "Etsy"), ("ebayUserAgent", "eBay"), ("eBayiOS", "eBay"), ("eBayiPhone", "eBay"),
        ("eBayAndroid", "eBay"), ("eBay/", "eBay"), ("FKUA", "Flipkart"), ("Flipkart", "Flipkart"), ("Meesho", "Meesho"),
        ("SHEIN", "SHEIN"), ("Temu|", "Temu"), ("Walmart|", "Walmart"), ("MercadoLibre", "Mercado Libre"), ("Vinted/", "Vinted"),
        ("Flipboard|", "Flipboard"), ("flipboard.app", "Flipboard"), ("NewsBreak", "NewsBreak"), ("Feedly/", "Feedly"),
        ("Pocket/", "Pocket"), ("Dailyhunt", "Dailyhunt"), ("MSN/", "MSN"), ("MicrosoftStart", "MSN"), ("Notion/", "Notion"),
        ("Valve Steam", "Steam"));

    /// <summary>The name of every app.</summary>
    public static IEnumerable<string> All => Apps.Names;

    public static string? Read(ReadOnlySpan<char> text) => Apps.FirstIn(text);
}
