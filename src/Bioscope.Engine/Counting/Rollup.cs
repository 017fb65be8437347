namespace Bioscope.Engine.Counting;

/// <summary>What a page's rows of one time come to: counts by value of every <see cref="Measure"/>.</summary>
internal sealed class Rollup
{
    private readonly Dictionary<Measure, Counts> _byMeasure = Measure.All.ToDictionary(measure => measure, _ => new Counts());

    public Counts this[Measure measure] => _byMeasure[measure];

    /// <summary>For months only: by hour since 1970, how many sessions their visitors' previous session was in.</summary>
    public Counts Returns { get; } = new();

    /// <summary>How many raw rows it stands for.</summary>
    public long Rows => this[Measure.Devices].Total + this[Measure.Views].Total;

    public void Add(Rollup other)
    {
        foreach (var (measure, counts) in other._byMeasure)
        {
            _byMeasure[measure].Add(counts);
        }
    }
}
