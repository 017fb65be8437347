namespace Bioscope.Core;

/// <summary>The rungs of the ladder, from the first that is asked to the last.</summary>
public static class Rung
{
    /// <summary>The visitor came by a placement link.</summary>
    public const string Placement = "placement";

    /// <summary>The page's URL had tags.</summary>
    public const string Tag = "tag";

    /// <summary>The page's URL had the click id of a network.</summary>
    public const string ClickId = "clickId";

    /// <summary>The visit had a referrer.</summary>
    public const string Referrer = "referrer";

    /// <summary>The page was shown in an app.</summary>
    public const string App = "app";

    /// <summary>Nothing said anything.</summary>
    public const string None = "none";

    /// <summary>All of them, in order.</summary>
    public static IReadOnlyList<string> All { get; } = [Placement, Tag, ClickId, Referrer, App, None];
}
