namespace Bioscope.Engine.Rows;

/// <summary>Why something that a visitor's browser sent was not stored.</summary>
internal enum DropReason
{
    /// <summary>The visitor refused analytics, or did not consent.</summary>
    Consent,

    /// <summary>The visitor left without answering the request for consent.</summary>
    Unanswered,

    /// <summary>The user agent is a known bot.</summary>
    Bot,

    /// <summary>The page's tracking token is missing or invalid.</summary>
    Token,

    /// <summary>A page view, heartbeat or similar of a session that is unknown, or closed after 24 hours.</summary>
    Session,

    /// <summary>A click on something that is not a link of the page.</summary>
    Link,

    /// <summary>More than one address may send, or more than one session takes.</summary>
    Throttle,

    /// <summary>More events arrive than the database can take.</summary>
    Overload,

    /// <summary>The database refused the event or is unavailable.</summary>
    Storage,
}
