namespace Bioscope.Engine.Counting;

/// <summary>The counts of a page's rows in one hour, day or month: counts by value for every <see cref="RollupColumn"/>.</summary>
internal sealed class Rollup
{
    private readonly Dictionary<RollupColumn, Counts> _byColumn = RollupColumn.All.ToDictionary(column => column, _ => new Counts());

    public Counts this[RollupColumn column] => _byColumn[column];

    /// <summary>For months only: the number of sessions by the hour, since 1970, of their visitors' previous session.</summary>
    public Counts Returns { get; } = new();

    /// <summary>How many raw rows it represents.</summary>
    public long Rows => this[RollupColumn.Devices].Total + this[RollupColumn.Views].Total;

    public void Add(Rollup other)
    {
        foreach (var (column, counts) in other._byColumn)
        {
            _byColumn[column].Add(counts);
        }
    }
}
