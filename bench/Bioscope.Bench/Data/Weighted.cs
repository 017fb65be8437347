using Bioscope.Server.Demo;

namespace Bioscope.Bench.Data;

/// <summary>Draws values as often as their weights say.</summary>
internal sealed class Weighted<T>
{
    private readonly T[] _values;
    private readonly double[] _sums;

    public Weighted(IEnumerable<(T Value, double Weight)> shares)
    {
        var all = shares.ToArray();
        var sum = 0.0;
        _values = Array.ConvertAll(all, share => share.Value);
        _sums = Array.ConvertAll(all, share => sum += share.Weight);
    }

    public T Next(DemoRandom random)
    {
        var place = Array.BinarySearch(_sums, random.Fraction() * _sums[^1]);
        return _values[Math.Min(place < 0 ? ~place : place + 1, _values.Length - 1)];
    }
}
