namespace Bioscope.Engine.Columns;

/// <summary>The columns of a <see cref="RowBlock"/>.</summary>
internal enum BlockColumn
{
    /// <summary>When each session started, in milliseconds since 1970.</summary>
    StartedAt,

    /// <summary>The visitor of each session, by number.</summary>
    Visitor,

    /// <summary>How many page views each session has, or <see cref="RowBlock.Unknown"/>.</summary>
    PageViews,

    /// <summary>How long each session took in seconds, or <see cref="RowBlock.Unknown"/>.</summary>
    Duration,

    /// <summary>The <see cref="FactSet.Origin"/> of each session.</summary>
    Origin,

    /// <summary>The <see cref="FactSet.Referrer"/> of each session.</summary>
    Referrer,

    /// <summary>The <see cref="FactSet.Place"/> of each session.</summary>
    Place,

    /// <summary>The <see cref="FactSet.Client"/> of each session.</summary>
    Client,

    /// <summary>The <see cref="FactSet.Site"/> of each session.</summary>
    Page,

    /// <summary>By session, 1 where it is not the first one of its visitor on the page ever.</summary>
    IsReturning,

    /// <summary>When each page view was entered, in milliseconds since 1970.</summary>
    EnteredAt,

    /// <summary>The session of each page view, by its number on the page.</summary>
    Session,

    /// <summary>The link of each page view, by its place in the block's links; 0 where none was clicked.</summary>
    Link,
}

/// <summary>
/// Some of a page's sessions and page views as columns, of which only those are there that a question needs. Sessions have numbers on
/// the page: those of a block follow each other.
/// </summary>
internal sealed class RowBlock
{
    /// <summary>What a session has that is not known: its visitor, page views, duration.</summary>
    public const int Unknown = -1;

    /// <summary>Stands for the start of a session that page views name but that is not stored: before every range.</summary>
    public const long NotStored = -1_000_000_000_000_000;

    private readonly NumberColumn?[] _columns = new NumberColumn?[(int)BlockColumn.Link + 1];

    /// <summary>Tells this block's rows from those of others of the page, also when they are read again.</summary>
    public required object Key { get; init; }

    /// <summary>Whether the block is there for other questions too, with the same key.</summary>
    public bool IsLasting { get; init; }

    /// <summary>All its times are from this millisecond on; of one whose times were not looked at, the smallest number.</summary>
    public long From { get; init; } = long.MinValue;

    /// <summary>All its times are before this millisecond; of one whose times were not looked at, the largest number.</summary>
    public long Until { get; init; } = long.MaxValue;

    /// <summary>The number of its first session.</summary>
    public int FirstSession { get; init; }

    /// <summary>How many sessions it has.</summary>
    public required int SessionCount { get; init; }

    /// <summary>How many page views it has.</summary>
    public required int ViewCount { get; init; }

    /// <summary>How many visitors the page had before it: the number of the first one that comes here first.</summary>
    public int FirstVisitor { get; init; }

    /// <summary>The values that each number of a set of facts stands for.</summary>
    public Dictionary<FactSet, IReadOnlyList<string?[]>> Facts { get; } = [];

    /// <summary>The link that each number stands for; null for 0.</summary>
    public IReadOnlyList<string?> Links { get; set; } = [null];

    /// <summary>One of its columns.</summary>
    public NumberColumn this[BlockColumn column]
    {
        get => _columns[(int)column] ?? throw new InvalidOperationException($"The column {column} was not read.");
        set => _columns[(int)column] = value;
    }

    /// <summary>Whether a column is there.</summary>
    public bool Has(BlockColumn column) => _columns[(int)column] is not null;

    /// <summary>Forgets its columns, and what their numbers stand for.</summary>
    public void Drop()
    {
        Array.Clear(_columns);
        Facts.Clear();
        Links = [null];
    }

    /// <summary>The same block with visitors' numbers, where there are any.</summary>
    /// <param name="firstVisitor">See <see cref="FirstVisitor"/>.</param>
    /// <param name="visitors">The numbers; null where they are not needed.</param>
    public RowBlock With(int firstVisitor, NumberColumn? visitors)
    {
        var copy = Copy(firstVisitor, isLasting: false);
        copy._columns[(int)BlockColumn.Visitor] = visitors ?? copy._columns[(int)BlockColumn.Visitor];
        return copy;
    }

    /// <summary>The same block with other numbers for a set of facts.</summary>
    /// <param name="numbers">By session.</param>
    /// <param name="set">Which set.</param>
    /// <param name="entries">What each number stands for; null where that is not there.</param>
    public RowBlock With(NumberColumn numbers, FactSet set, IReadOnlyList<string?[]>? entries)
    {
        var copy = Copy(FirstVisitor, IsLasting);
        copy[set.Column] = numbers;
        copy.Facts.Remove(set);
        if (entries is not null)
        {
            copy.Facts[set] = entries;
        }

        return copy;
    }

    private RowBlock Copy(int firstVisitor, bool isLasting)
    {
        var copy = new RowBlock
        {
            Key = Key,
            IsLasting = isLasting,
            From = From,
            Until = Until,
            FirstSession = FirstSession,
            SessionCount = SessionCount,
            ViewCount = ViewCount,
            FirstVisitor = firstVisitor,
            Links = Links,
        };
        _columns.CopyTo(copy._columns, 0);
        foreach (var (set, entries) in Facts)
        {
            copy.Facts[set] = entries;
        }

        return copy;
    }
}
