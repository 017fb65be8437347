namespace Bioscope.Engine.Columns;

/// <summary>
/// Columns of a session that are read and kept together, as one number for each combination of values that occurs. What they mean is decided
/// when a question is asked. Segments have the values in the order of the columns, so with every change here goes a migration that deletes
/// segments.
/// </summary>
internal sealed class FactSet
{
    private readonly Dictionary<string, int> _places;

    private FactSet(BlockColumn column, string[] columns, Func<string?[], string?[]>? keep = null)
    {
        (Column, Columns, Keep) = (column, columns, keep);
        _places = columns.Index().ToDictionary(column => column.Item, column => column.Index);
    }

    /// <summary>Where the visit came from, as its address and its browser said.</summary>
    public static FactSet Origin { get; } = new(
        BlockColumn.Origin,
        [
            "referrerDomain", "utmSource", "utmMedium", "utmCampaign", "utmTerm", "utmContent", "ref", "clickIdKind", "inAppBrowser",
            "requestedWith", "placement",
        ]);

    /// <summary>The referrer's host and path: its query, which no question reads, is mostly another one for each visit.</summary>
    public static FactSet Referrer { get; } = new(
        BlockColumn.Referrer, ["referrer", "referrerDomain"], values => [Referrers.HostAndPath(values[0], values[1])]);

    /// <summary>Where the visitor was.</summary>
    public static FactSet Place { get; } = new(BlockColumn.Place, ["countryCode", "country", "region", "city"]);

    /// <summary>With what the visitor came: each column is a dimension of its name.</summary>
    public static FactSet Client { get; } = new(BlockColumn.Client, ["device", "browser", "os", "language"]);

    /// <summary>What of a site the visitor came to: each column is a dimension of its name.</summary>
    public static FactSet Site { get; } = new(BlockColumn.Page, ["page"]);

    /// <summary>Every set.</summary>
    public static IReadOnlyList<FactSet> All { get; } = [Origin, Referrer, Place, Client, Site];

    /// <summary>The column of a block that has its numbers.</summary>
    public BlockColumn Column { get; }

    /// <summary>The columns of <c>"AnalyticsSession"</c> that are read.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>What is kept of their values; null where it is all of them.</summary>
    public Func<string?[], string?[]>? Keep { get; }

    /// <summary>The value of one of <see cref="Columns"/>, where all are kept.</summary>
    public string? Value(string?[] kept, string column) => kept[_places[column]];
}
