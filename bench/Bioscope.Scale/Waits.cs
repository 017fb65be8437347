namespace Bioscope.Scale;

/// <summary>Times from the arrival of a request to its answer, in seconds.</summary>
internal sealed class Waits
{
    private readonly List<double> _times = [];
    private bool _isSorted = true;

    public int Count => _times.Count;

    public double Mean => _times.Count == 0 ? 0 : _times.Average();

    public void Add(double seconds)
    {
        _times.Add(seconds);
        _isSorted = false;
    }

    /// <summary>The time that so large a part of all is not above; 0 when there are none.</summary>
    public double Percentile(double part)
    {
        if (!_isSorted)
        {
            _times.Sort();
            _isSorted = true;
        }

        return _times.Count == 0 ? 0 : _times[Math.Clamp((int)Math.Ceiling(_times.Count * part) - 1, 0, _times.Count - 1)];
    }
}
