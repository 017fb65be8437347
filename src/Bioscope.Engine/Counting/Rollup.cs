namespace Bioscope.Engine.Counting;

/// <summary>The counts of a page's rows in one hour, day or month: counts by value for every <see cref="Measure"/>.</summary>
internal sealed class Rollup
{
    private readonly Dictionary<Measure, Counts> _byMeasure = Measure.All.ToDictionary(measure => measure, _ => new Counts());

    public Counts this[Measure measure] => _byMeasure[measure];

    /// <summary>For months only: the number of sessions by the hour, since 1970, of their visitors' previous session.</summary>
    public Counts Returns { get; } = new();

    /// <summary>How many raw rows it represents.</summary>
    public long Rows => this[Measure.Devices].Total + this[Measure.Views].Total;

    public void Add(Rollup other)
    {
        foreach (var (measure, counts) in other._byMeasure)
        {
            _byMeasure[measure].Add(counts);
        }
    }
}
