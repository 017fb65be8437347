namespace Bioscope.Server.Dashboard;

/// <summary>A place where creators share their page, as the placement link that one tap makes of it.</summary>
internal sealed record UsualPlace(string Slug, string Source, Func<PlacementsWords, string> Label)
{
    /// <summary>In display order.</summary>
    public static IReadOnlyList<UsualPlace> All { get; } =
    [
        new("instagram-bio", "Instagram", texts => texts.InstagramBio),
        new("instagram-story", "Instagram", texts => texts.InstagramStory),
        new("tiktok-bio", "TikTok", texts => texts.TikTokBio),
        new("youtube", "YouTube", texts => texts.YouTube),
        new("newsletter", "Newsletter", texts => texts.Newsletter),
        new("whatsapp", "WhatsApp", _ => "WhatsApp"),
        new("facebook", "Facebook", _ => "Facebook"),
        new("x-bio", "X", texts => texts.XBio),
        new("podcast", "Podcast", texts => texts.Podcast),
        new("print", "Print", texts => texts.Print),
    ];
}
