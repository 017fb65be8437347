namespace Bioscope.Engine.Ingest;

/// <summary>What the operator says of counting visits.</summary>
internal sealed record IngestOptions
{
    /// <summary>Visitors are told apart by a hash that holds for one day; else only those are counted who agreed.</summary>
    public required bool CountsAnonymously { get; init; }

    /// <summary>Visits that one address may begin on a page in a minute, more on a page with many visitors; null for no limit.</summary>
    public required int? VisitsPerMinutePerAddress { get; init; }
}
