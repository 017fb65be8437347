namespace Bioscope.Core;

/// <summary>What is stored of a session that tells where it came from. Nothing is decided when it is stored.</summary>
public sealed record SessionFacts
{
    /// <summary>The source that the creator gave to the placement link, if the visitor came by one that the page has.</summary>
    public string? PlacementSource { get; init; }

    /// <summary>The tags and the kind of click id in the page's URL.</summary>
    public Attribution Attribution { get; init; } = Attribution.None;

    /// <summary>
    /// As <see cref="Referrer.Domain"/> gives it; null (or <c>direct</c>) where there is none or it is the page's own host.
    /// </summary>
    public string? ReferrerDomain { get; init; }

    /// <summary>The app in whose browser the page was shown: <see cref="UserAgentFacts.InAppBrowser"/>.</summary>
    public string? App { get; init; }

    /// <summary>The header <c>X-Requested-With</c>: in a web view of Android, the app's package.</summary>
    public string? RequestedWith { get; init; }
}

/// <summary>Where a session came from.</summary>
/// <param name="Source">The name to show.</param>
/// <param name="Channel">One of <see cref="Core.Channel.All"/>.</param>
/// <param name="Rung">Which of <see cref="Core.Rung.All"/> decided.</param>
public sealed record SessionSource(string Source, string Channel, string Rung);
