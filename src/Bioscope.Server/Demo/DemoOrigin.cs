using Bioscope.Core;

namespace Bioscope.Server.Demo;

/// <summary>What a visit brings that tells where it came from: any of a referrer, tags or a click id, and an app.</summary>
internal sealed record DemoOrigin
{
    /// <summary>A visit that brings nothing: typed, scanned, bookmarked, or from an app that says nothing.</summary>
    public static DemoOrigin Direct { get; } = new();

    /// <summary>As browsers send it; <c>*</c> stands for a random id, "blog" for one of a long tail of sites.</summary>
    public string? Referrer { get; init; }

    /// <summary>From the query of the page's address.</summary>
    public Attribution Attribution { get; private init; } = Attribution.None;

    /// <summary>The app whose browser names itself in the user agent, as <see cref="UserAgentFacts.InAppBrowser"/>.</summary>
    public string? App { get; init; }

    /// <summary>The package in <c>X-Requested-With</c> of a web view on Android that does not name itself in the user agent.</summary>
    public string? Package { get; private init; }

    /// <summary>The end of the placement link's address, one of <see cref="DemoCreator.Placements"/>.</summary>
    public string? Placement { get; private init; }

    /// <summary>Whether the visit is in an app, which has no edition for computers.</summary>
    public bool IsOnPhone => App is not null || IsOnAndroid;

    /// <summary>Whether only Android sends such visits.</summary>
    public bool IsOnAndroid => Package is not null || Referrer?.StartsWith("android-app:", StringComparison.Ordinal) is true;

    /// <summary>A visit with a referrer.</summary>
    public static DemoOrigin From(string referrer) => new() { Referrer = referrer };

    /// <summary>A visit in an app's own browser, without a referrer.</summary>
    public static DemoOrigin In(string app) => new() { App = app };

    /// <summary>A visit in a web view of an app that names itself by its package only.</summary>
    public static DemoOrigin InPackage(string package) => new() { Package = package };

    /// <summary>A visit to the page's address with this query.</summary>
    public static DemoOrigin At(string query) => new() { Attribution = Attribution.Of("?" + query) };

    /// <summary>A visit by a placement link.</summary>
    public static DemoOrigin By(string placement) => new() { Placement = placement };
}
