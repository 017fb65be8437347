namespace Bioscope.Engine.Ingest;

/// <summary>The operator's settings for counting visits.</summary>
internal sealed record IngestOptions
{
    /// <summary>
    /// Visitors are distinguished by a hash that is valid for one day; otherwise only visitors who consented are counted.
    /// </summary>
    public required bool CountsAnonymously { get; init; }

    /// <summary>Visits that one address may begin on a page per minute (more on a page with many visitors); null for no limit.</summary>
    public required int? VisitsPerMinutePerAddress { get; init; }
}
