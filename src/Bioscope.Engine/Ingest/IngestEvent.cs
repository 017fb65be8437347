using Bioscope.Engine.Rows;

namespace Bioscope.Engine.Ingest;

/// <summary>
/// An event that a visitor's browser reported and that waits to be written. <see cref="Stored"/> completes when it is on disk with the id
/// of the row it became or changed, or with null when nothing was stored.
/// </summary>
internal abstract record IngestEvent
{
    /// <summary>The request continues on another thread, not on the writer's.</summary>
    public TaskCompletionSource<Guid?> Stored { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The page, if known: first as the browser reported it, then as its session says.</summary>
    public Guid? Page { get; set; }

    /// <summary>Why the event was dropped, if it was.</summary>
    public DropReason Reason { get; set; } = DropReason.Session;
}

/// <summary>
/// A visitor opened a page. The writer gives the row its id and its time, and adds the first page view, <paramref name="View"/>, in the
/// same transaction.
/// </summary>
internal sealed record SessionStarted(SessionRow Session, FirstView? View = null) : IngestEvent
{
    /// <summary>Whether to continue the same visitor's visit of the last half hour, if there is one.</summary>
    public bool ContinuesOpenVisit { get; init; }

    /// <summary>Whether a new session was opened rather than continued.</summary>
    public bool IsOpened { get; set; }

    /// <summary>The session that was opened or continued.</summary>
    public Guid? SessionId { get; set; }

    /// <summary>The page view that was stored.</summary>
    public Guid? ViewId { get; set; }
}

/// <summary>The page view with which a visit begins.</summary>
internal sealed record FirstView(string? Path, string? Title);

/// <summary>A page was loaded, or a link on it was clicked.</summary>
/// <param name="SessionId">The session it belongs to.</param>
/// <param name="Path">The page's path.</param>
/// <param name="Title">The page's title.</param>
/// <param name="Link">The link that was clicked, if one was.</param>
internal sealed record PageViewed(Guid SessionId, string? Path, string? Title, ClickedLink? Link) : IngestEvent;

/// <summary>A link that a browser reported as clicked.</summary>
/// <param name="Id">The link's id.</param>
/// <param name="Page">The page that has the link; null when no page does.</param>
/// <param name="OrPlainView">What becomes of a click on something that is not a link of the session's page: a plain page view, or
/// nothing.</param>
internal sealed record ClickedLink(Guid Id, Guid? Page, bool OrPlainView);

/// <summary>The visitor is still there.</summary>
internal sealed record HeartbeatReceived(Guid SessionId) : IngestEvent;

/// <summary>The visitor left a page view, identified by its own id or, for the latest one, by its session's id.</summary>
internal sealed record PageLeft(Guid Id, int Duration, int? ScrollDepth) : IngestEvent;

/// <summary>The visitor signed in.</summary>
internal sealed record VisitorIdentified(Guid SessionId, Guid UserId) : IngestEvent;
