using Bioscope.Core;

namespace Bioscope.Server.Demo;

/// <summary>Something to draw at random, and how often: in ordinary times, and while a post goes viral.</summary>
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

    /// <summary>What kind of traffic this is, in a few words.</summary>
    public required string About { get; init; }

    /// <summary>Seeds everything that is drawn for this creator, its ids too.</summary>
    public required ulong Seed { get; init; }

    /// <summary>About how many sessions in all the days together.</summary>
    public required int Sessions { get; init; }

    /// <summary>Monday to Sunday, relative to each other.</summary>
    public required double[] Weekdays { get; init; }

    /// <summary>Hour of the day (UTC) at which most visits come.</summary>
    public required double PeakHour { get; init; }

    /// <summary>How many times larger the page is on the last day than on the first.</summary>
    public required double Growth { get; init; }

    /// <summary>The days, counted back from the last one, on which a post went viral, and how many times the usual traffic it brought.</summary>
    public required (int DaysAgo, double Times)[] Viral { get; init; }

    public required double ReturningShare { get; init; }

    public required double ClickShare { get; init; }

    /// <summary>Referrers as browsers send them; null is none, <c>*</c> stands for a random id, "blog" for one of a long tail of sites.</summary>
    public required Share<string?>[] Referrers { get; init; }

    public required Share<(string Code, string Name)>[] Countries { get; init; }

    public required Share<(string Device, string Os, string Browser)>[] Devices { get; init; }

    public required (string Title, string Url)[] Links { get; init; }

    public Guid UserId => Id("user");

    public Guid CreatorId => Id("creator");

    public Guid BioPageId => Id("page");

    public Guid LinkId(int index) => Id($"link {index}");

    private Guid Id(string what) => Uuid.Named($"bioscope demo {Seed} {what}");
}
