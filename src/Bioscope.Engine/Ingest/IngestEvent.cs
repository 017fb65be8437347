using Bioscope.Engine.Rows;

namespace Bioscope.Engine.Ingest;

/// <summary>
/// Something that a visitor's browser reported and that waits to be written. <see cref="Stored"/> gets the id of the row it
/// became or changed once that is on disk, or null when nothing was kept.
/// </summary>
internal abstract record IngestEvent
{
    /// <summary>The request goes on elsewhere, not on the writer's thread.</summary>
    public TaskCompletionSource<Guid?> Stored { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The page that it happened on, as far as it is known: by the browser's word at first, by its session then.</summary>
    public Guid? Page { get; set; }

    /// <summary>Why it was not kept, when it was not.</summary>
    public DropReason Reason { get; set; } = DropReason.Session;
}

/// <summary>
/// A visitor opened a page. The writer gives the row its id and its time, and with <paramref name="View"/> its first page view in the
/// same transaction.
/// </summary>
internal sealed record SessionStarted(SessionRow Session, FirstView? View = null) : IngestEvent
{
    /// <summary>Whether the same visitor's visit of the last half hour goes on instead, where there is one.</summary>
    public bool ContinuesOpenVisit { get; init; }

    /// <summary>Whether a session was opened, and none goes on.</summary>
    public bool IsOpened { get; set; }

    /// <summary>The session that was opened or goes on.</summary>
    public Guid? SessionId { get; set; }

    /// <summary>The page view that was stored.</summary>
    public Guid? ViewId { get; set; }
}

/// <summary>What is known of the page view that a visit begins with.</summary>
internal sealed record FirstView(string? Path, string? Title);

/// <summary>A page was loaded, or a link on it was clicked.</summary>
/// <param name="SessionId">The session that it belongs to.</param>
/// <param name="Path">The page's path.</param>
/// <param name="Title">The page's title.</param>
/// <param name="Link">The link that was clicked, if one was.</param>
internal sealed record PageViewed(Guid SessionId, string? Path, string? Title, ClickedLink? Link) : IngestEvent;

/// <summary>A link that a browser says was clicked.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Page">The page that has it; null when no page does.</param>
/// <param name="OrPlainView">What a click on something that is no link of the session's page is: a plain page view, or nothing.</param>
internal sealed record ClickedLink(Guid Id, Guid? Page, bool OrPlainView);

/// <summary>The visitor is still there.</summary>
internal sealed record HeartbeatReceived(Guid SessionId) : IngestEvent;

/// <summary>The visitor left a page view, named by its id or, for the latest one, by its session's.</summary>
internal sealed record PageLeft(Guid Id, int Duration, int? ScrollDepth) : IngestEvent;

/// <summary>The visitor signed in.</summary>
internal sealed record VisitorIdentified(Guid SessionId, Guid UserId) : IngestEvent;
