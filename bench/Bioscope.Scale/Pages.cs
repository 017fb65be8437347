namespace Bioscope.Scale;

/// <summary>Pages by Zipf's law: which part of the visits each has.</summary>
internal sealed class Pages
{
    private readonly double[] _ends;

    public Pages(int count, double exponent)
    {
        _ends = new double[count];
        var sum = 0.0;
        for (var i = 0; i < count; i++)
        {
            _ends[i] = sum += Math.Pow(i + 1, -exponent);
        }

        for (var i = 0; i < count; i++)
        {
            _ends[i] /= sum;
        }
    }

    public int Count => _ends.Length;

    /// <summary>The part of all visits that a page has; 0 is the page with most of them.</summary>
    public double ShareOf(int page) => page == 0 ? _ends[0] : _ends[page] - _ends[page - 1];

    /// <summary>The page to which that part of all visits, from 0 up to 1, leads.</summary>
    public int At(double part)
    {
        var found = Array.BinarySearch(_ends, part);
        return Math.Min(found < 0 ? ~found : found + 1, _ends.Length - 1);
    }
}
