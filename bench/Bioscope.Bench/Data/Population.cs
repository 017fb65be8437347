using Bioscope.Core;

namespace Bioscope.Bench.Data;

/// <summary>A page of the data set, its owner, and how many sessions it has.</summary>
internal sealed class BenchPage(int rank, int sessions)
{
    /// <summary>How many links each page has.</summary>
    public const int Links = 8;

    /// <summary>1 is the page with most sessions.</summary>
    public int Rank => rank;

    public int Sessions => sessions;

    public Guid UserId { get; } = Uuid.Named($"bioscope bench user {rank}");

    public Guid CreatorId { get; } = Uuid.Named($"bioscope bench creator {rank}");

    public Guid Id { get; } = Uuid.Named($"bioscope bench page {rank}");

    public Guid[] LinkIds { get; } = [.. Enumerable.Range(1, Links).Select(link => Uuid.Named($"bioscope bench page {rank} link {link}"))];
}

/// <summary>
/// The pages of the data set: sessions fall off by Zipf's law so that the hottest page has a fifth of them all, a million of five
/// at scale 1. A few pages in the middle have exactly 1,000, 10,000 and 100,000, so that a report can be asked for pages of one size.
/// </summary>
internal sealed class Population
{
    public const int PageCount = 5_000;

    /// <summary>How many pages there are of each exact size: as many first requests can be measured in one server process.</summary>
    public const int PagesPerSize = 5;

    private const int SessionsAtScaleOne = 5_000_000;
    private const double HottestShare = 0.2;
    private static readonly int[] ExactSizes = [100_000, 10_000, 1_000];

    public Population(double scale)
    {
        var exponent = ExponentFor(HottestShare);
        var sizes = new int[PageCount];
        for (var i = 0; i < PageCount; i++)
        {
            sizes[i] = (int)(SessionsAtScaleOne * scale * HottestShare * Math.Pow(i + 1, -exponent));
        }

        var exact = new Dictionary<int, IReadOnlyList<int>>();
        foreach (var size in ExactSizes.Where(size => size * 2 < sizes[0]))
        {
            var places = Enumerable.Range(1, PageCount - 1).OrderBy(i => Math.Abs(sizes[i] - size)).ThenBy(i => i).Take(PagesPerSize).ToArray();
            foreach (var place in places)
            {
                sizes[place] = size;
            }

            exact[size] = places;
        }

        Pages = [.. sizes.Select((size, i) => new BenchPage(i + 1, size))];
        Sessions = sizes.Sum();
        BySize = exact
            .Append(new(sizes[0], [0]))
            .OrderBy(entry => entry.Key)
            .ToDictionary(entry => entry.Key, entry => (IReadOnlyList<BenchPage>)[.. entry.Value.Select(place => Pages[place])]);
    }

    public IReadOnlyList<BenchPage> Pages { get; }

    public int Sessions { get; }

    public BenchPage Hottest => Pages[0];

    /// <summary>The pages of each size that is measured, smallest first; the last one is the hottest page alone.</summary>
    public IReadOnlyDictionary<int, IReadOnlyList<BenchPage>> BySize { get; }

    /// <summary>The exponent with which the first of all pages gets that share.</summary>
    private static double ExponentFor(double share)
    {
        var (low, high) = (0.5, 3.0);
        for (var step = 0; step < 60; step++)
        {
            var middle = (low + high) / 2;
            var sum = Enumerable.Range(1, PageCount).Sum(rank => Math.Pow(rank, -middle));
            (low, high) = 1 / sum < share ? (middle, high) : (low, middle);
        }

        return low;
    }
}
