namespace Bioscope.Engine.Rows;

/// <summary>Why something that a visitor's browser sent was not kept.</summary>
internal enum DropReason
{
    /// <summary>The visitor refused, or did not agree to analytics.</summary>
    Consent,

    /// <summary>The visitor left without answering whether the visit may be counted.</summary>
    Unanswered,

    /// <summary>The user agent is a known bot.</summary>
    Bot,

    /// <summary>A page without a valid tracking token.</summary>
    Token,

    /// <summary>A page view, heartbeat or the like of a session that is unknown, or closed since 24 hours passed.</summary>
    Session,

    /// <summary>A click on something that is no link of the page.</summary>
    Link,

    /// <summary>More than one address may send, or one session takes.</summary>
    Throttle,

    /// <summary>More arrives than the database takes.</summary>
    Overload,

    /// <summary>The database refused or is away.</summary>
    Storage,
}
