namespace Bioscope.Server.Dashboard;

/// <summary>A place where creators share their page, as the placement link that one tap makes of it.</summary>
internal sealed record UsualPlace(string Slug, string Source, string Label)
{
    /// <summary>In display order.</summary>
    public static IReadOnlyList<UsualPlace> All { get; } =
    [
        new("instagram-bio", "Instagram", "Instagram bio"),
        new("instagram-story", "Instagram", "Instagram story"),
        new("tiktok-bio", "TikTok", "TikTok bio"),
        new("youtube", "YouTube", "YouTube description"),
        new("newsletter", "Newsletter", "Newsletter"),
        new("whatsapp", "WhatsApp", "WhatsApp"),
        new("facebook", "Facebook", "Facebook"),
        new("x-bio", "X", "X bio"),
        new("podcast", "Podcast", "Podcast"),
        new("print", "Print", "Print"),
    ];
}
