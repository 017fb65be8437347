namespace Bioscope.Server.Ingest;

/// <summary>
/// Something that a visitor's browser reported and that waits to be written. <see cref="Stored"/> gets the id of the row it
/// became or changed once that is on disk, or null when nothing was kept.
/// </summary>
internal abstract record IngestEvent
{
    /// <summary>The request goes on elsewhere, not on the writer's thread.</summary>
    public TaskCompletionSource<Guid?> Stored { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>A visitor opened a page. The writer gives the row its id and its time.</summary>
internal sealed record SessionStarted(SessionRow Session) : IngestEvent;

/// <summary>A page was loaded, or a link on it was clicked.</summary>
internal sealed record PageViewed(Guid SessionId, string? Path, string? Title, Guid? LinkClicked) : IngestEvent;

/// <summary>The visitor is still there.</summary>
internal sealed record HeartbeatReceived(Guid SessionId) : IngestEvent;

/// <summary>The visitor left a page view, named by its id or, for the latest one, by its session's.</summary>
internal sealed record PageLeft(Guid Id, int Duration, int? ScrollDepth) : IngestEvent;

/// <summary>The visitor signed in.</summary>
internal sealed record VisitorIdentified(Guid SessionId, Guid UserId) : IngestEvent;
