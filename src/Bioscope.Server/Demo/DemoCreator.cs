using Bioscope.Core;

namespace Bioscope.Server.Demo;

/// <summary>A value to draw at random, with its weights: in ordinary times, and while a post is viral.</summary>
internal sealed record Share<T>(T Value, double Weight, double ViralWeight)
{
    public Share(T value, double weight)
        : this(value, weight, weight)
    {
    }
}

/// <summary>A made-up creator and the shape of the traffic to its page.</summary>
internal sealed record DemoCreator
{
    public required string Handle { get; init; }

    public required string Title { get; init; }

    public required string Description { get; init; }

    /// <summary>A short description of the traffic.</summary>
    public required string About { get; init; }

    /// <summary>The seed of everything drawn for this creator, including ids.</summary>
    public required ulong Seed { get; init; }

    /// <summary>The approximate number of sessions over all days.</summary>
    public required int Sessions { get; init; }

    /// <summary>The weights of the days, Monday to Sunday.</summary>
    public required double[] Weekdays { get; init; }

    /// <summary>The hour of the day (UTC) with the most visits.</summary>
    public required double PeakHour { get; init; }

    /// <summary>The factor by which traffic grows from the first to the last day.</summary>
    public required double Growth { get; init; }

    /// <summary>
    /// The days, counted back from the last one, on which a post went viral, and the factor by which it multiplied the traffic.
    /// </summary>
    public required (int DaysAgo, double Times)[] Viral { get; init; }

    public required double ReturningShare { get; init; }

    public required double ClickShare { get; init; }

    /// <summary>Where visits come from.</summary>
    public required Share<DemoOrigin>[] Origins { get; init; }

    public required Share<(string Code, string Name)>[] Countries { get; init; }

    public required Share<(string Device, string Os, string Browser)>[] Devices { get; init; }

    public required (string Title, string Url)[] Links { get; init; }

    /// <summary>The placement links of the page.</summary>
    public required (string Slug, string Source, string Label)[] Placements { get; init; }

    public Guid UserId => Id("user");

    public Guid CreatorId => Id("creator");

    public Guid BioPageId => Id("page");

    public Guid LinkId(int index) => Id($"link {index}");

    public Guid PlacementId(string slug) => Id($"placement {slug}");

    private Guid Id(string what) => Uuid.Named($"bioscope demo {Seed} {what}");
}
